import { createStepper, type FastStats, fast } from '@covey/engine'
import { expect } from 'chai'
import type { AnyMachineSnapshot, AnyStateMachine, EventObject } from 'xstate'
import { seededRandom } from './seeded-random.js'
import { randomEvent, type Walked, walkedMachines } from './walked-machines.js'
import { outcomeOf, Walker } from './walker.js'

const STEPS = 70_000
const STEPS_PER_WALK = 40

/** Walks one machine under stock and under `fast` side by side; answers where they first differ. */
function firstDifference({ machine, events, input }: Walked, quick: AnyStateMachine): string | undefined {
  const random = seededRandom(7)
  let [stock, table] = [new Walker(machine, input), new Walker(quick, input)]
  for (let step = 0; step < STEPS; step += 1) {
    if (step % STEPS_PER_WALK === 0 || stock.snapshot.status !== 'active') {
      ;[stock, table] = [new Walker(machine, input), new Walker(quick, input)]
      if (stock.report() !== table.report()) return 'the start'
    }
    const event = randomEvent(events, random)
    const before = stock.snapshot.value
    const [expected, outcome] = [outcomeOf(stock, event), outcomeOf(table, event)]
    if (outcome !== expected) return JSON.stringify({ step, before, event, expected, outcome })
  }
  return undefined
}

describe('fast and stock', function () {
  // Much to compute, on a machine that may be busy.
  this.timeout(60_000)
  for (const walked of walkedMachines) {
    const { machine } = walked
    it(`${machine.id}: agree on each of ${STEPS} random steps (seed 7)`, () => {
      const stats: FastStats = { fast: 0, slow: 0 }
      expect(firstDifference(walked, fast(machine, stats))).to.equal(undefined)
      if (machine.id === 'task') expect(stats).to.deep.equal({ fast: STEPS, slow: 0 })
      if (machine.id === 'odd') expect(Math.min(stats.fast, stats.slow)).to.be.greaterThan(STEPS / 10)
      if (machine.id === 'deep') expect(stats).to.deep.equal({ fast: 0, slow: 0 })
    })
  }

  it('agree that a machine which fails at its start has a snapshot that says so', () => {
    const { machine } = walkedMachines[0]!
    const stock = new Walker(machine, undefined)
    expect(stock.snapshot.status).to.equal('error')
    expect(new Walker(fast(machine), undefined).report()).to.equal(stock.report())
  })

  it('agree on which snapshots are the one before', () => {
    const { machine, input } = walkedMachines[0]!
    for (const candidate of [machine, fast(machine)]) {
      const walker = new Walker(candidate, input)
      const before = walker.snapshot
      for (const type of ['task.unknown', 'task.done']) walker.take({ type, k: 1 } as EventObject)
      expect(walker.snapshot).to.equal(before)
    }
  })

  it('agree on persisted and resolved snapshots', () => {
    const { machine } = walkedMachines[0]!
    const quick = fast(machine)
    for (const value of Object.keys(machine.states)) {
      const context = { tries: 1, seen: 2, note: '' }
      const persisted = (of: AnyStateMachine): string =>
        JSON.stringify(of.getPersistedSnapshot(of.resolveState({ value, context })))
      expect(persisted(quick)).to.equal(persisted(machine))
    }
    expect(() => quick.resolveState({ value: 'nowhere', context: {} })).to.throw('nowhere')
  })
})

/** What both a stock walk and a step of the stepper say of themselves. */
const told = (snapshot: AnyMachineSnapshot, effects: readonly { type: string; params: unknown }[]): string =>
  JSON.stringify([snapshot.status, snapshot.value, snapshot.context, snapshot.output, effects])

describe('stepper and stock', () => {
  it(`agree on each of ${STEPS} random steps of a chart parked between any two (seed 11)`, () => {
    const { machine, events, input } = walkedMachines[0]!
    const random = seededRandom(11)
    const stepper = createStepper(machine)
    let stock = new Walker(machine, input)
    let step = stepper.initial(input)
    for (let count = 0; count < STEPS; count += 1) {
      const event = randomEvent(events, random)
      const packed = JSON.parse(JSON.stringify(stepper.pack(step.snapshot)))
      stock.take(event)
      step = stepper.step(stepper.unpack(packed), event)
      const expected = told(stock.snapshot, stock.effects())
      const outcome = told(step.snapshot, step.effects)
      if (outcome !== expected) expect(outcome, JSON.stringify([packed, event])).to.equal(expected)
      if (stock.snapshot.status === 'active') continue
      stock = new Walker(machine, input)
      step = stepper.initial(input)
      expect(told(step.snapshot, step.effects)).to.equal(told(stock.snapshot, stock.effects()))
    }
  })
})
