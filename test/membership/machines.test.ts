import { createActorSystem, fast, HeapClock, lintMachine, unboundEffects } from '@covey/engine'
import { connectionMachine, nodeMachine, peerMachine } from '@covey/machines'
import { seededRandom } from '@covey/transport'
import { expect } from 'chai'
import type { AnyStateMachine, EventObject } from 'xstate'

const timings = { probeIntervalMs: 250, redialMinMs: 250, redialMaxMs: 2_000 }
const numbers = [0, 1, 2, 300] as const

interface Walked {
  readonly machine: AnyStateMachine
  readonly input: object
  /** What events may carry: each is drawn at random. */
  readonly fields: Readonly<Record<string, readonly unknown[]>>
}

const machines: Walked[] = [
  {
    machine: nodeMachine,
    input: {
      ...timings,
      nodeId: 'a',
      bootId: 'own',
      replace: false,
      chance: 0.3,
      joinAttemptsMax: 3,
      joinDeadlineMs: 60_000,
      leaveDeadlineMs: 10_000,
      workerSelfFenceMs: 6_000,
    },
    fields: {
      generation: [1, 2],
      latest: [0, 1, 2],
      holder: ['own', 'other'],
      bootId: ['own', 'other'],
      incarnation: [0, 1, 2],
      observer: ['b'],
      answered: [false, true],
      how: ['crashed', 'evicted', 'left'],
      clean: [true, false],
      lateMs: [10, 9_000],
      code: ['storage_full'],
      reason: ['maintenance'],
    },
  },
  {
    machine: peerMachine,
    input: {
      ...timings,
      nodeId: 'b',
      isManager: true,
      joinPatienceMs: 70_000,
      unverifiedKeptMs: 10_000,
      departedKeptMs: 20_000,
    },
    fields: {
      generation: [1, 2],
      record: [{ generation: 1 }, { generation: 2 }],
      votes: numbers,
      members: [2, 5],
      incarnation: [0, 1, 2],
      how: ['left'],
      dirty: [false],
    },
  },
  {
    machine: connectionMachine,
    input: {
      ...timings,
      nodeId: 'a',
      peer: 'b',
      generation: 1,
      seed: 's',
      chance: 0.3,
      dialTimeoutMs: 5_000,
      drainTimeoutMs: 10_000,
    },
    fields: {
      session: ['s.1', 's.2', 'theirs'],
      reply: ['inbox'],
      reason: ['duplicate', 'leaving', 'not_a_member'],
      detail: ['why'],
      roundTripMs: [1, 2],
    },
  },
]

/** What one run of a machine did, step by step: states, context, effects. */
function trace(
  { machine, input, fields }: Walked,
  seed: number,
  logicOf: (machine: AnyStateMachine) => AnyStateMachine,
): string[] {
  const random = seededRandom(seed)
  const pick = <Value>(list: readonly Value[]): Value | undefined =>
    list[Math.floor(random.next() * list.length)]
  const clock = new HeapClock()
  const lines: string[] = []
  const record = unboundEffects(machine, machine).map((type) => [
    type,
    (_: unknown, params: unknown) => lines.push(`${type} ${JSON.stringify(params)}`),
  ])
  const logic = logicOf(machine.provide({ actions: Object.fromEntries(record) }))
  const system = createActorSystem({ node: 'walk', clock })
  const types = machine.events.filter((type: string) => !type.startsWith('xstate.'))
  const actor = system.spawn(logic, { id: 'walked', input })
  for (let index = 0; index < 200 && system.has('walked'); index += 1) {
    const drawn = Object.entries(fields).map(([name, values]) => [name, pick(values)])
    const event = { ...Object.fromEntries(drawn), type: pick(types) ?? '', atMs: clock.now() } as EventObject
    if (random.next() < 0.2) clock.advance((pick(numbers) ?? 0) * 10)
    else system.send('walked', event)
    const { value, context, output } = actor.getSnapshot()
    lines.push(`${event.type} ${JSON.stringify({ value, context, output })}`)
  }
  system.stopAll()
  expect(clock.size).to.equal(0)
  return lines
}

describe('the machines of membership', () => {
  for (const walked of machines) {
    const { id } = walked.machine
    it(`${id} has no loose end`, () => {
      expect(lintMachine(walked.machine)).to.deep.equal([])
    })

    it(`${id} does the same by table and by the stock interpreter, in 50 random walks`, () => {
      for (let seed = 1; seed <= 50; seed += 1) {
        const stock = trace(walked, seed, (machine) => machine)
        expect(trace(walked, seed, fast), `seed ${seed}`).to.deep.equal(stock)
      }
    })

    it(`${id} is flat, so that the table applies`, () => {
      expect(fast(walked.machine)).not.to.equal(walked.machine)
    })
  }
})
