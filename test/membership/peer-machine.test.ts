import { type PeerEvent, peerMachine } from '@covey/machines'
import { expect } from 'chai'
import { MachineWalk } from '../harness/machine-walk.js'

const input = {
  nodeId: 'b',
  isManager: true,
  probeIntervalMs: 250,
  joinPatienceMs: 70_000,
  unverifiedKeptMs: 10_000,
  departedKeptMs: 86_400_000,
}
const joined = (generation: number): PeerEvent => ({
  type: 'joined.heard',
  atMs: 0,
  record: {
    generation,
    bootId: `boot-${generation}`,
    roles: ['worker'],
    slots: 1,
    host: 'h',
    pid: 7,
    since: '',
    labels: ['gpu'],
  },
})
const active = (generation = 1): PeerEvent => ({ type: 'active.heard', generation, atMs: 0 })
const leaving: PeerEvent = { type: 'leaving.heard', generation: 1 }
const left: PeerEvent = { type: 'departed.heard', generation: 1, how: 'left', dirty: false }
const failed = (atMs = 0, generation = 1): PeerEvent => ({
  type: 'probe.failed',
  generation,
  atMs,
  members: 5,
  offline: false,
})
const answered = (atMs = 0): PeerEvent => ({ type: 'probe.answered', generation: 1, atMs, lagMs: 0 })
const voted = (votes: number, atMs = 0): PeerEvent => ({
  type: 'votes.counted',
  generation: 1,
  votes,
  atMs,
  members: 5,
})
const alive = (incarnation: number): PeerEvent => ({
  type: 'alive.heard',
  generation: 1,
  incarnation,
  atMs: 0,
})

const walk = (...events: PeerEvent[]) => {
  const peer = new MachineWalk(peerMachine, input)
  peer.send(...events)
  return peer
}
const member = () => walk(joined(1), active())

describe('the peer machine', () => {
  it('O1 O6 is joining by its first fact and active by its second, and only then connected', () => {
    const peer = walk(joined(1))
    expect(peer.state).to.equal('joining')
    expect(peer.send(active())).to.deep.equal(['connection.open'])
    expect(peer.last('connection.open')).to.deep.equal({ nodeId: 'b', generation: 1 })
    expect(peer.state).to.equal('active')
  })

  it('O2 S-A3 a rumour alone makes no member: its facts are looked at, and it is forgotten', () => {
    const peer = walk()
    expect(peer.send({ type: 'rumour.heard' }, alive(9))).to.deep.equal(['facts.look'])
    expect(peer.state).to.equal('unverified')
    peer.wait(10_000)
    expect(peer.state).to.equal('forgotten')
  })

  it('O4 news of an older generation moves nothing', () => {
    const peer = walk(joined(2), active(2))
    expect(peer.send(joined(1), left, leaving, failed(), voted(3), alive(9))).to.deep.equal([])
    expect(peer.state).to.equal('active')
  })

  it('O5 P8 a newer generation ends the older one first, and is not active yet', () => {
    const peer = member()
    expect(peer.send(joined(2))).to.deep.equal(['members.ended', 'connection.close'])
    expect(peer.last('members.ended')).to.deep.equal({
      nodeId: 'b',
      generation: 1,
      how: 'superseded',
      dirty: false,
    })
    expect(peer.state).to.equal('reentering')
    expect(peer.send(left)).to.deep.equal([])
    peer.send(active(2))
    expect(peer.state).to.equal('active')
  })

  it('O7 an own failed probe makes it suspect, and only its own answer takes that back', () => {
    const peer = walk(joined(1), active(), failed())
    expect(peer.state).to.equal('suspect')
    expect(peer.send(active())).to.deep.equal([])
    expect(peer.state).to.equal('suspect')
    peer.send(answered(300))
    expect(peer.state).to.equal('active')
    expect(peer.snapshot.context).to.include({ silentSinceMs: null, heardAtMs: 300 })
  })

  it('O12 an answer withdraws the own vote only', () => {
    for (const withdrawal of [answered(), { type: 'silence.voided', generation: 1 }] as const) {
      const peer = walk(joined(1), active(), failed(), voted(1), withdrawal)
      expect(peer.state).to.equal('suspect')
      peer.send(voted(0))
      expect(peer.state).to.equal('active')
    }
  })

  it('O9 each further voice brings the proposal nearer', () => {
    const alone = walk(joined(1), active(), failed())
    expect(alone.wait(5_999)).to.deep.equal([])
    expect(alone.wait(1)).to.deep.equal(['departure.propose'])
    const confirmed = walk(joined(1), active(), failed(), voted(3))
    expect(confirmed.wait(999)).to.deep.equal([])
    expect(confirmed.wait(1)).to.deep.equal(['departure.propose'])
    expect(confirmed.wait(249)).to.deep.equal([])
    expect(confirmed.wait(1)).to.deep.equal(['departure.propose'])
  })

  it('O14 only a manager proposes', () => {
    const peer = new MachineWalk(peerMachine, { ...input, isManager: false })
    peer.send(joined(1), active(), failed())
    expect(peer.wait(60_000)).to.deep.equal([])
    expect(peer.state).to.equal('suspect')
  })

  it('O10 O11 a strictly greater incarnation refutes, an equal one does not', () => {
    const peer = walk(joined(1), active(), voted(2))
    peer.send(alive(0))
    expect(peer.state).to.equal('suspect')
    expect(peer.send(alive(1))).to.deep.equal(['votes.forget', 'connection.open'])
    expect(peer.state).to.equal('active')
    peer.send(failed(), alive(1))
    expect(peer.state).to.equal('suspect')
  })

  it('O18 a goodbye drains the session, and a suspicion that is withdrawn leads back to it', () => {
    const peer = member()
    expect(peer.send(leaving)).to.deep.equal(['connection.drain'])
    peer.send(failed())
    expect(peer.state).to.equal('suspect')
    peer.send(answered())
    expect(peer.state).to.equal('leaving')
    const doubted = walk(joined(1), active(), failed(), leaving, answered())
    expect(doubted.state).to.equal('leaving')
  })

  it('a generation that joined and is never active is asked, and departs like any other', () => {
    const peer = walk(joined(1))
    peer.wait(70_000)
    expect(peer.state).to.equal('suspect')
    peer.send(answered(70_100))
    expect(peer.state).to.equal('joining')
    peer.wait(70_000)
    peer.send(failed(140_200))
    expect(peer.wait(10_000)).to.include('departure.propose')
    peer.send(active())
    expect(peer.state).to.equal('active')
  })

  it('O16 the departed fact ends it exactly once, from every state', () => {
    for (const before of [[], [active()], [active(), leaving], [active(), failed()]]) {
      const peer = walk(joined(1), ...before)
      expect(peer.send(left, left)).to.deep.equal(['members.ended', 'connection.close'])
      expect(peer.state).to.equal('departed')
    }
  })

  it('O19 H14 nothing said under a departed generation revives it', () => {
    const peer = walk(joined(1), active(), left)
    const effects = peer.send(
      joined(1),
      active(),
      leaving,
      alive(99),
      answered(),
      failed(),
      voted(3),
      voted(0),
    )
    expect(effects).to.deep.equal([])
    expect(peer.state).to.equal('departed')
  })

  it('a generation after a departed one is re-entering, without a second end', () => {
    const peer = walk(joined(1), active(), left)
    expect(peer.send(joined(2))).to.deep.equal(['connection.close'])
    expect(peer.state).to.equal('reentering')
    peer.send({ type: 'leaving.heard', generation: 2 })
    expect(peer.state).to.equal('leaving')
  })

  it('O20 a departed peer is forgotten after its time', () => {
    const peer = walk(joined(1), active(), left)
    peer.wait(86_399_999)
    expect(peer.state).to.equal('departed')
    peer.wait(1)
    expect(peer.state).to.equal('forgotten')
  })
})
