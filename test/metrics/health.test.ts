import { nodeMachine } from '@covey/machines'
import { type HealthReading, healthOf, type Probe, unmade } from '@covey/metrics'
import { expect } from 'chai'

type State = HealthReading['state']

const up = [
  { connection: 'control', isUp: true, reconnects: 0 },
  { connection: 'data', isUp: true, reconnects: 0 },
] as const
const probes: readonly Probe[] = ['startup', 'live', 'ready']

/** The probes that a node answers with yes: at its first start, and once it has taken part. */
const expected: Readonly<Record<State, readonly [first: string, again: string]>> = {
  idle: ['live', 'live'],
  dialing: ['live', 'startup live'],
  joining: ['live', 'startup live'],
  active: ['startup live ready', 'startup live ready'],
  leaving: ['startup live', 'startup live'],
  fenced: ['startup', 'startup'],
  reentering: ['startup live', 'startup live'],
  departed: ['startup', 'startup'],
  failed: ['', ''],
}

const yesOf = (reading: HealthReading): string =>
  probes.filter((probe) => healthOf(probe, reading).ok).join(' ')

describe('The health of a node', () => {
  for (const state of Object.keys(nodeMachine.states) as State[]) {
    it(`is judged in the state ${state}`, () => {
      const [first, again] = expected[state]
      expect(yesOf({ state, wasActive: false, connections: up })).to.equal(first)
      expect(yesOf({ state, wasActive: true, connections: up })).to.equal(again)
    })
  }

  it('is not that of a node that is ready while a connection to its broker is down', () => {
    for (const down of ['control', 'data'] as const) {
      const connections = up.map((link) => ({ ...link, isUp: link.connection !== down }))
      const reading = { state: 'active', wasActive: true, connections } as const
      expect(yesOf(reading)).to.equal('startup live')
      expect(healthOf('ready', reading)).to.deep.equal({
        ...{ ok: false, state: 'active' },
        reason: `the ${down} connection to the broker is down`,
      })
    }
  })

  it('says the state, and why not', () => {
    expect(healthOf('startup', unmade)).to.deep.equal({
      ok: false,
      state: 'idle',
      reason: 'the node is idle',
    })
    expect(healthOf('live', unmade)).to.deep.equal({ ok: true, state: 'idle' })
  })
})
