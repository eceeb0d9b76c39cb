import { type PeerEvent, peerMachine } from '@covey/machines'
import { expect } from 'chai'
import { liveRecord } from '../../actors/membership/records.js'
import { MachineWalk } from '../harness/machine-walk.js'

const unverifiedKeptMs = 10_000
const input = {
  ...{ nodeId: 'b', isManager: true, probeIntervalMs: 250, joinPatienceMs: 70_000 },
  ...{ unverifiedKeptMs, departedKeptMs: 86_400_000 },
}
const record = {
  generation: 1,
  bootId: 'boot-1',
  roles: ['worker' as const],
  slots: 1,
  host: 'h',
  pid: 7,
  since: '',
  labels: [],
}
const joined: PeerEvent = { type: 'joined.heard', atMs: 0, record }
const rumour: PeerEvent = { type: 'rumour.heard' }

const walk = (...events: PeerEvent[]) => {
  const peer = new MachineWalk(peerMachine, input)
  peer.send(...events)
  return peer
}

describe('what a peer is to others', () => {
  it('S-A2 is decided by whatever comes first, news or the end of its time: both are events of one chart', () => {
    const early = walk(rumour)
    early.wait(unverifiedKeptMs - 1)
    early.send(joined)
    early.wait(1)
    expect(early.state).to.equal('joining')
    const late = walk(rumour)
    late.wait(unverifiedKeptMs)
    late.send(joined)
    expect(late.state).to.equal('forgotten')
  })

  it('K44 is offline from the word of the broker until somebody listens there, whatever others say', () => {
    const failed = (offline: boolean): PeerEvent => {
      return { type: 'probe.failed', generation: 1, atMs: 700, members: 5, offline }
    }
    const voted = (votes: number): PeerEvent => {
      return { type: 'votes.counted', generation: 1, votes, atMs: 700, members: 5 }
    }
    const peer = walk(joined, { type: 'active.heard', generation: 1, atMs: 0 }, voted(1))
    const isOffline = (...events: PeerEvent[]): boolean => {
      for (const event of events) peer.send(event)
      return peer.snapshot.context.offline
    }
    expect(isOffline(failed(false))).to.equal(false)
    const ends: PeerEvent[] = [
      failed(false),
      { type: 'probe.answered', generation: 1, atMs: 800, lagMs: 0 },
      { type: 'silence.voided', generation: 1 },
      { type: 'alive.heard', generation: 1, incarnation: 1, atMs: 900 },
      { type: 'joined.heard', atMs: 900, record: { ...record, generation: 2 } },
    ]
    for (const end of ends) {
      expect(isOffline(failed(true), voted(2), voted(0), rumour), end.type).to.equal(true)
      expect(isOffline(end), end.type).to.equal(false)
    }
  })

  it('K33 is the same whether it is suspected or not: a suspicion is in no record, and so in no digest', () => {
    const peer = walk(joined, { type: 'active.heard', generation: 1, atMs: 0 })
    const recordOf = () => {
      const { value: state, context } = peer.snapshot
      return liveRecord({
        ...{ nodeId: 'b', generation: 1, answeredAtMs: 0, heardAtMs: 0, votes: 0 },
        ...{ state, peer: context },
      })
    }
    const before = recordOf()
    peer.send({ type: 'probe.failed', generation: 1, atMs: 0, members: 5, offline: false })
    expect(peer.state).to.equal('suspect')
    expect(before).to.be.an('object')
    expect(recordOf()).to.deep.equal(before)
  })
})
