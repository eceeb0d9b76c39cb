import { createActorSystem, fast, HeapClock } from '@covey/engine'
import { expect } from 'chai'
import { type AnyActorRef, type AnyStateMachine, createActor } from 'xstate'
import { seededRandom } from './seeded-random.js'
import { randomEvent, type Walked, walkedMachines } from './walked-machines.js'

const STEPS = 10_000

/** One of two ways to run the same machine, with all that can be seen of it. */
interface Life {
  readonly actor: AnyActorRef
  readonly clock: HeapClock
  readonly effects: string[]
}

/** Binds every effect of a machine to a list that names it. */
function bound(machine: AnyStateMachine, effects: string[]): AnyStateMachine {
  const note = (name: string) => (_: unknown, params: unknown) =>
    void effects.push(`${name} ${JSON.stringify(params)}`)
  const names = Object.keys(machine.implementations.actions).filter((name) => name.includes('.'))
  return machine.provide({ actions: Object.fromEntries(names.map((name) => [name, note(name)])) })
}

function stockLife({ machine, input }: Walked): Life {
  const [clock, effects] = [new HeapClock(), [] as string[]]
  const actor = createActor(bound(machine, effects), { input, clock: clock as never }).start()
  return { actor, clock, effects }
}

function ourLife({ machine, input }: Walked): Life {
  const [clock, effects] = [new HeapClock(), [] as string[]]
  const actor = createActorSystem({ node: 'n1', clock }).spawn(fast(bound(machine, effects)), {
    id: 'a',
    input,
  })
  return { actor, clock, effects }
}

function seen({ actor, clock, effects }: Life): string {
  const { status, value, context, output } = actor.getSnapshot()
  return JSON.stringify([status, value, context, output, clock.size, clock.next(), effects.splice(0)])
}

describe('our system and stock actors', () => {
  for (const walked of walkedMachines.filter(({ machine }) => machine.id !== 'odd')) {
    it(`${walked.machine.id}: live the same through ${STEPS} events and waits, timers included (seed 3)`, () => {
      const random = seededRandom(3)
      let lives = [stockLife(walked), ourLife(walked)] as const
      for (let step = 0; step < STEPS; step += 1) {
        const event = randomEvent(walked.events, random)
        const waitMs = random() < 0.2 ? Math.floor(random() * 400) : 0
        for (const { actor, clock } of lives) {
          actor.send(event)
          clock.advance(waitMs)
        }
        const [stock, ours] = [seen(lives[0]), seen(lives[1])]
        expect(ours, `step ${step}, ${event.type}`).to.equal(stock)
        if (lives[0].actor.getSnapshot().status !== 'active') lives = [stockLife(walked), ourLife(walked)]
      }
    })
  }
})
