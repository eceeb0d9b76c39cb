import { type FastStats, fast } from '@covey/engine'
import {
  breakerMachine,
  jobMachine,
  leadershipMachine,
  managerMachine,
  overloadMachine,
  workflowMachine,
} from '@covey/machines'
import { singleServerTimings } from '@covey/protocol'
import { seededRandom } from '@covey/transport'
import { expect } from 'chai'
import type { AnyStateMachine, EventObject } from 'xstate'
import { outcomeOf, Walker } from '../engine/walker.js'
import { testPolicy } from './scripted-worker.js'

interface Walked {
  readonly machine: AnyStateMachine
  readonly input?: object
  /** What events may carry: each is drawn at random. */
  readonly fields: Readonly<Record<string, readonly unknown[]>>
}

const { leaderTimeoutMs, leaderHintMs } = singleServerTimings
const error = { code: 'workflow_failed', message: 'broken' }

const walkedMachines: readonly Walked[] = [
  {
    machine: workflowMachine,
    fields: {
      token: ['1.1.1.0', '1.1.2.0'],
      worker: ['w1', 'w2'],
      generation: [1],
      credits: [[1]],
      policy: [testPolicy, { ...testPolicy, exclusive: false, attempts: 1 }],
      error: [error],
      retryable: [true, false],
      jitter: [0, 0.5, 1],
      reason: ['no longer needed'],
      number: [1, 2, 3],
      progress: [0, 1, 2],
      wantedMs: [undefined, 10],
    },
  },
  {
    machine: jobMachine,
    input: { chunksExpected: 1 },
    fields: { workflows: [1, 3], state: ['completed', 'failed', 'cancelled', 'skipped'] },
  },
  {
    machine: leadershipMachine,
    input: { shard: 0, leaderTimeoutMs, leaderHintMs, staggerMs: 10, rankStepMs: 100, actsForMs: 2_700 },
    fields: { rank: [0, 1], vacant: [true, false], sequence: [1, 2], remainingMs: [0, 2_000] },
  },
  {
    machine: overloadMachine,
    input: { thresholds: [0.7, 0.85, 0.95] },
    fields: { fill: [0, 0.5, 0.65, 0.72, 0.8, 0.86, 0.96], cause: ['queue'] },
  },
  { machine: breakerMachine, fields: {} },
  { machine: managerMachine, input: { leaveDeadlineMs: 10_000 }, fields: { deadlineMs: [10_000] } },
]

const stepsTotal = 20_000
const stepsPerWalk = 30

/** Walks one machine under stock and by table, side by side; answers where they first differ. */
function firstDifference({ machine, input, fields }: Walked, quick: AnyStateMachine): string | undefined {
  const random = seededRandom(11)
  const pick = <Value>(list: readonly Value[]): Value | undefined =>
    list[Math.floor(random.next() * list.length)]
  let [stock, table] = [new Walker(machine, input), new Walker(quick, input)]
  for (let step = 0; step < stepsTotal; step += 1) {
    if (step % stepsPerWalk === 0 || stock.snapshot.status !== 'active') {
      ;[stock, table] = [new Walker(machine, input), new Walker(quick, input)]
    }
    const drawn = Object.entries(fields).map(([name, values]) => [name, pick(values)])
    const event = { ...Object.fromEntries(drawn), type: pick(machine.events) ?? '' } as EventObject
    const [expected, outcome] = [outcomeOf(stock, event), outcomeOf(table, event)]
    if (outcome !== expected) return JSON.stringify({ step, event, expected, outcome })
  }
  return undefined
}

describe('the machines of a shard', function () {
  // Much to compute, on a machine that may be busy.
  this.timeout(60_000)
  for (const walked of walkedMachines) {
    it(`${walked.machine.id} does the same by table and by the stock interpreter, at ${stepsTotal} random steps`, () => {
      const stats: FastStats = { fast: 0, slow: 0 }
      expect(firstDifference(walked, fast(walked.machine, stats))).to.equal(undefined)
      expect(stats).to.deep.equal({ fast: stepsTotal, slow: 0 })
    })
  }
})
