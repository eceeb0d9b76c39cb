import { packValue } from '@covey/protocol'
import { expect } from 'chai'
import fc from 'fast-check'
import { FoldedLog, work } from './folded-log.js'

const completed = (workflow: string, token: string, value: unknown = 1) => ({
  type: 'workflow.completed' as const,
  workflow,
  token,
  result: packValue(value),
})

describe('law of the fold', () => {
  it('gives the same state from the same log, and every path is one of the chart (invariant 9)', () => {
    const event = fc.integer({ min: 0, max: 8 })
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (moves) => {
        const random = new FoldedLog()
        random.submit('job', [work('a'), work('b', ['a'])])
        let token = '1.1.1.0'
        for (const move of moves) token = randomMove(random, move, token)
        const again = random.again()
        expect(again.transitions).to.have.length(random.transitions.length)
        expect(summary(again)).to.deep.equal(summary(random))
      }),
      { numRuns: 200, seed: 20_261_121 },
    )
  })
})

const summary = (log: FoldedLog) => ({
  workflows: [...log.state.workflows].map(([id, { snapshot, due }]) => [
    id,
    snapshot.value,
    snapshot.context,
    due,
  ]),
  jobs: [...log.state.jobs].map(([id, { snapshot }]) => [id, snapshot.value, snapshot.context]),
  attempts: [...log.state.attempts].map(([key, held]) => [key, [...held].map(({ id }) => id)]),
  timeMs: log.state.timeMs,
})

function randomMove(log: FoldedLog, move: number, token: string): string {
  const workflow = 'job/a'
  const error = { code: 'workflow_failed' as const, message: 'broken' }
  switch (move) {
    case 0:
      return log.assign(workflow)
    case 1:
      log.batch([{ type: 'workflow.started', workflow, token }], 10)
      break
    case 2:
      log.batch([completed(workflow, token)])
      break
    case 3:
      log.batch([{ type: 'workflow.failed', workflow, token, error, retryable: true, jitter: 0.5 }])
      break
    case 4:
      log.batch([{ type: 'worker.ended', worker: 'w1', generation: 1, how: 'crashed' }])
      break
    case 5:
      log.batch([{ type: 'lease.over', worker: 'w1', generation: 1 }])
      break
    case 6:
      log.batch([{ type: 'cancel.requested', job: 'job', reason: 'no' }])
      break
    case 7:
      log.batch([{ type: 'workflow.unassigned', workflow, token, reason: 'burnt' }])
      break
    default:
      log.batch(
        [{ type: 'timer.due', workflow, armedAt: log.state.workflows.get(workflow)?.due?.armedAt ?? '0.0' }],
        5,
      )
  }
  return token
}
