import { createActorSystem, HeapClock } from '@covey/engine'
import { type PeerRecord, peerMachine } from '@covey/machines'
import { createWorld, type SimulatedNode } from '@covey/simulator'
import { expect } from 'chai'
import { Peer } from '../../actors/membership/watched-peer.js'

const input = {
  ...{ nodeId: 'b', isManager: true, probeIntervalMs: 250 },
  ...{ joinPatienceMs: 20_000, unverifiedKeptMs: 10_000, departedKeptMs: 60_000 },
}
const record: PeerRecord = {
  ...{ generation: 3, bootId: 'boot', roles: ['worker'], slots: 1 },
  ...{ host: 'here', pid: 7, since: 'the beginning', labels: [] },
}
const nobody = { moved: () => undefined, failed: () => undefined, ended: () => undefined }

describe('an answer of a peer', () => {
  const system = createActorSystem({ node: 'a', clock: new HeapClock() })
  const actor = system.spawn(peerMachine, { id: 'peer.b', input })
  const peer = new Peer(actor, 'b', nobody)
  actor.subscribe(peer)
  const send = (event: Parameters<typeof actor.send>[0]): void => system.send('peer.b', event)

  after(() => system.stopAll())

  it('is an event until the peer takes part, and then a time', () => {
    send({ type: 'joined.heard', record, atMs: 0 })
    expect(peer.takeAnswer(3, 10, 0)).to.equal(true)
    send({ type: 'active.heard', generation: 3, atMs: 20 })
    expect(peer.takeAnswer(3, 30, 0)).to.equal(false)
    expect(peer).to.include({ answeredAtMs: 30, heardAtMs: 30 })
    expect(peer.peer.heardAtMs).to.equal(20)
  })

  it('is an event where it says that the peer is busy now, or is so no more', () => {
    expect(peer.takeAnswer(3, 40, 600)).to.equal(true)
    send({ type: 'probe.answered', generation: 3, atMs: 40, lagMs: 600 })
    expect(peer.takeAnswer(3, 50, 600)).to.equal(false)
    expect(peer.takeAnswer(3, 60, 0)).to.equal(true)
    send({ type: 'probe.answered', generation: 3, atMs: 60, lagMs: 0 })
  })

  it('is an event where the peer was silent, since it takes that back (O12)', () => {
    send({ type: 'probe.failed', generation: 3, atMs: 70, members: 3, offline: false })
    expect(peer.takeAnswer(3, 80, 0)).to.equal(true)
    send({ type: 'probe.answered', generation: 3, atMs: 80, lagMs: 0 })
    expect(peer.takeAnswer(3, 90, 0)).to.equal(false)
  })

  it('says nothing of another generation', () => {
    expect(peer.answeredAtMs).to.equal(90)
    send({ type: 'joined.heard', record: { ...record, generation: 4 }, atMs: 100 })
    expect(peer).to.include({ answeredAtMs: Number.NEGATIVE_INFINITY, heardAtMs: 100 })
  })
})

describe('the votes against a peer', () => {
  const votesSeenBy = (node: SimulatedNode): number => {
    const snapshot = node.env.system.snapshot('peer.g') as { context: { votes: number } } | undefined
    return snapshot?.context.votes ?? 0
  }

  it('are told to its actor as far as it decides by them: whether there are any, and to a manager how many', async () => {
    const world = createWorld({ seed: 1 })
    const manager = world.node('a', { roles: ['manager'] })
    const workers = await world.formed(['b', 'c', 'd', 'e', 'f', 'g'])
    const [lost, ...others] = workers.toReversed()
    await world.run(4_000)
    lost?.kill()
    await world.until(() => votesSeenBy(manager) > 2, 10_000)
    expect(Math.max(...others.map(votesSeenBy))).to.equal(1)
    await world.until(
      () => [manager, ...others].every(({ endings }) => endings.includes('g.1 crashed')),
      10_000,
    )
    await world.close()
  })
})
