import { createActorSystem, fast, fastBound, HeapClock } from '@covey/engine'
import { expect } from 'chai'
import { type AnyActorRef, type AnyStateMachine, createActor } from 'xstate'
import { seededRandom } from './seeded-random.js'
import { randomEvent, type Walked, walkedMachines } from './walked-machines.js'

const STEPS = 10_000

/** How many delayed events wait, and when the first of them is due. */
type Waits = readonly [number, number | undefined]

/** One of two ways to run the same machine, with all that can be seen of it. */
interface Life {
  readonly actor: AnyActorRef
  readonly clock: HeapClock
  readonly effects: string[]
  waits(): Waits
}

/** Every effect of a machine, each of which adds its name to a list. */
function noted(machine: AnyStateMachine, effects: string[]) {
  const note = (name: string) => (_: unknown, params: unknown) =>
    void effects.push(`${name} ${JSON.stringify(params)}`)
  const names = Object.keys(machine.implementations.actions).filter((name) => name.includes('.'))
  return Object.fromEntries(names.map((name) => [name, note(name)]))
}

type Bind = (machine: AnyStateMachine, actions: ReturnType<typeof noted>) => AnyStateMachine

const provided: Bind = (machine, actions) => machine.provide({ actions })
const ways: readonly (readonly [string, Bind])[] = [
  ['fast', (machine, actions) => fast(provided(machine, actions))],
  ['fastBound', fastBound],
]

function stockLife({ machine, input }: Walked): Life {
  const [clock, effects] = [new HeapClock(), [] as string[]]
  const actor = createActor(provided(machine, noted(machine, effects)), {
    input,
    clock: clock as never,
  }).start()
  return { actor, clock, effects, waits: () => [clock.size, clock.next()] }
}

function ourLife({ machine, input }: Walked, bind: Bind): Life {
  const [clock, effects] = [new HeapClock(), [] as string[]]
  const logic = bind(machine, noted(machine, effects))
  const system = createActorSystem({ node: 'n1', clock })
  const actor = system.spawn(logic, { id: 'a', input })
  /** However many wait, there is one timer of the clock for them, which rings no later than the first is due. */
  const waits = (): Waits => {
    const dueMs = system.timersOf('a').map((timer) => timer.dueMs)
    const nextMs = dueMs.length === 0 ? undefined : Math.min(...dueMs)
    const isOne = clock.size === Math.min(1, dueMs.length) && (clock.next() ?? 0) <= (nextMs ?? 0)
    if (!isOne) throw new Error(`${clock.size} timers of the clock at ${clock.next()} for ${dueMs}`)
    return [dueMs.length, nextMs]
  }
  return { actor, clock, effects, waits }
}

function seen({ actor, waits, effects }: Life): string {
  const { status, value, context, output } = actor.getSnapshot()
  return JSON.stringify([status, value, context, output, ...waits(), effects.splice(0)])
}

describe('our system and stock actors', () => {
  const known = walkedMachines.filter(({ machine }) => machine.id !== 'odd')
  for (const [name, bind, walked] of ways.flatMap(([...way]) => known.map((one) => [...way, one] as const))) {
    it(`${walked.machine.id}, ${name}: live the same through ${STEPS} events and waits, timers included (seed 3)`, () => {
      const random = seededRandom(3)
      const begin = (): readonly [Life, Life] => [stockLife(walked), ourLife(walked, bind)]
      let lives = begin()
      for (let step = 0; step < STEPS; step += 1) {
        const event = randomEvent(walked.events, random)
        const waitMs = random() < 0.2 ? Math.floor(random() * 400) : 0
        for (const { actor, clock } of lives) {
          actor.send(event)
          clock.advance(waitMs)
        }
        const [stock, ours] = [seen(lives[0]), seen(lives[1])]
        expect(ours, `step ${step}, ${event.type}`).to.equal(stock)
        if (lives[0].actor.getSnapshot().status !== 'active') lives = begin()
      }
    })
  }
})
