import { type ConnectionEvent, connectionMachine, type RefusalReason } from '@covey/machines'
import { expect } from 'chai'
import { MachineWalk } from '../harness/machine-walk.js'

const input = {
  nodeId: 'a',
  peer: 'b',
  generation: 1,
  seed: 'seed',
  chance: 0.5,
  dialTimeoutMs: 5_000,
  drainTimeoutMs: 10_000,
  redialMinMs: 250,
  redialMaxMs: 2_000,
}
const dial: ConnectionEvent = { type: 'connection.dial' }
const confirmed: ConnectionEvent = { type: 'link.confirmed' }
const lost: ConnectionEvent = { type: 'link.lost' }
const welcomed = (session: string): ConnectionEvent => ({ type: 'session.welcomed', session, roundTripMs: 3 })
const offered: ConnectionEvent = { type: 'session.offered', session: 'theirs.1', reply: 'inbox' }
const refused = (reason: RefusalReason, session = 'seed.1'): ConnectionEvent => ({
  type: 'session.refused',
  session,
  reason,
  detail: 'why',
})

const walk = (more: Partial<typeof input>, ...events: ConnectionEvent[]) => {
  const connection = new MachineWalk(connectionMachine, { ...input, ...more })
  connection.send(...events)
  return connection
}
const lower = (...events: ConnectionEvent[]) => walk({}, ...events)
const higher = (...events: ConnectionEvent[]) => walk({ nodeId: 'z' }, ...events)

describe('the connection machine', () => {
  it('proves its link, says hello, and is open with the welcome of that very session', () => {
    const connection = lower()
    expect(connection.send(dial)).to.deep.equal(['link.confirm'])
    expect(connection.send(confirmed)).to.deep.equal(['session.hello'])
    expect(connection.send(welcomed('another'))).to.deep.equal([])
    expect(connection.state).to.equal('handshaking')
    connection.send(welcomed('seed.1'))
    expect(connection.state).to.equal('open')
  })

  it('N14 N18 of two sessions opened at once that of the lower name stays', () => {
    const low = lower(dial, confirmed)
    expect(low.send(offered)).to.deep.equal(['session.refuse'])
    expect(low.last('session.refuse')).to.deep.equal({ reply: 'inbox', reason: 'duplicate' })
    low.send(welcomed('seed.1'))
    expect(low.snapshot.context.session).to.equal('seed.1')
    const high = higher(dial, confirmed)
    expect(high.send(offered)).to.deep.equal(['session.welcome', 'session.hello'])
    expect(high.last('session.hello')).to.include({ session: 'theirs.1' })
    expect(high.send(refused('duplicate'), welcomed('theirs.1'))).to.deep.equal([])
    expect([high.state, high.snapshot.context.session]).to.deep.equal(['open', 'theirs.1'])
  })

  it('N14 the refused duplicate waits, and opens with the session that stays', () => {
    const high = higher(dial, confirmed, refused('duplicate'))
    expect(high.state).to.equal('backoff')
    high.send(offered, welcomed('theirs.1'))
    expect(high.state).to.equal('open')
  })

  it('N14 the hello by which the other side makes sure of a session is welcomed, and changes nothing', () => {
    const low = lower(dial, confirmed)
    const sure: ConnectionEvent = { type: 'session.offered', session: 'seed.1', reply: 'inbox' }
    expect(low.send(sure)).to.deep.equal(['session.welcome'])
    expect(low.state).to.equal('handshaking')
    low.send(welcomed('seed.1'))
    expect(low.send(sure)).to.deep.equal(['session.welcome'])
    expect([low.state, low.snapshot.context.session]).to.deep.equal(['open', 'seed.1'])
  })

  it('N14 a hello that comes late, for a session that has been given up, is refused', () => {
    const high = higher(offered, { type: 'session.offered', session: 'theirs.2', reply: 'inbox' })
    expect(high.send(offered)).to.deep.equal(['session.refuse'])
    expect(high.snapshot.context.session).to.equal('theirs.2')
    const low = lower(dial, confirmed, lost)
    expect(low.send({ type: 'session.offered', session: 'seed.1', reply: 'inbox' })).to.deep.equal([
      'session.refuse',
    ])
    expect(low.state).to.equal('backoff')
  })

  it('a peer that has lost the session is told of it again', () => {
    const low = lower(dial, confirmed, welcomed('seed.1'))
    expect(low.send(offered)).to.deep.equal(['session.refuse', 'session.hello'])
    expect(low.last('session.hello')).to.include({ session: 'seed.1' })
    expect(low.state).to.equal('open')
    low.send({ type: 'session.unanswered', session: 'seed.1' })
    expect(low.state).to.equal('backoff')
  })

  it('N13 a dial or hello without an answer backs off and dials again', () => {
    const connection = lower(dial)
    connection.wait(5_000)
    expect(connection.state).to.equal('backoff')
    expect(connection.wait(2_000)).to.deep.equal(['dial.await'])
    expect(connection.wait(60_000)).to.deep.equal([])
    expect(connection.send(dial, confirmed)).to.deep.equal(['link.confirm', 'session.hello'])
    connection.wait(5_000)
    expect(connection.state).to.equal('backoff')
    expect(connection.snapshot.context.lastError).to.equal('no answer in time')
    connection.wait(2_000)
    connection.send(dial, confirmed)
    expect(connection.last('session.hello')).to.include({ session: 'seed.2' })
  })

  it('N9 the loss of the link is one transition, and every further word of it none', () => {
    const connection = lower(dial, confirmed, welcomed('seed.1'), lost)
    expect(connection.state).to.equal('backoff')
    expect(connection.send(lost, lost, welcomed('seed.1'))).to.deep.equal([])
    expect(connection.state).to.equal('backoff')
  })

  it('gives its turn away where nobody needs it, and is dialled again when somebody does', () => {
    const connection = lower(dial, confirmed, lost)
    connection.wait(2_000)
    connection.send({ type: 'connection.rest' })
    expect(connection.state).to.equal('idle')
    expect(connection.send(dial)).to.deep.equal(['link.confirm'])
  })

  it('a lasting refusal ends it, a passing one does not', () => {
    for (const reason of ['leaving', 'incompatible'] as const) {
      const connection = lower(dial, confirmed, refused(reason))
      expect(connection.snapshot.output).to.deep.equal({ reason })
    }
    expect(lower(dial, confirmed, refused('not_a_member')).state).to.equal('backoff')
  })

  it('a drained session takes no new one and closes', () => {
    const connection = lower(dial, confirmed, welcomed('seed.1'), { type: 'connection.drain' })
    expect(connection.send(offered)).to.deep.equal(['session.refuse'])
    expect(connection.last('session.refuse')).to.include({ reason: 'leaving' })
    connection.wait(10_000)
    expect(connection.snapshot.output).to.deep.equal({ reason: 'closed' })
  })

  it('closes from every state at once', () => {
    const before = [[], [dial], [dial, confirmed], [dial, confirmed, welcomed('seed.1')], [dial, lost]]
    for (const events of before) {
      const connection = lower(...events, { type: 'connection.close' })
      expect(connection.state).to.equal('closed')
    }
  })
})
