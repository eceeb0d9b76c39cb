import { setImmediate } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect } from 'chai'
import { FoldedLog, work } from './folded-log.js'

/** 100,000 of them may take 150 MB. */
const bytesPerWorkflowMax = 1_500
const jobs = 10_000
const jobsPerBatch = 50

const roundsMax = 30
/** What a round may still free that is nobody's affair here. */
const settledBytes = 16 * 1_024

/** What is left when nothing more can be collected: what tests before have left goes in several rounds. */
async function heapBytes(): Promise<number> {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  let least = Number.POSITIVE_INFINITY
  for (let round = 0; round < roundsMax; round += 1) {
    if (typeof collect === 'function') collect()
    // Buffers are given back in a turn of their own.
    await setImmediate()
    const { heapUsed, external } = process.memoryUsage()
    if (heapUsed + external > least - settledBytes) return least
    least = heapUsed + external
  }
  throw new Error(`After ${roundsMax} rounds there is still less left each time`)
}

describe('workflows that wait', () => {
  it('take so little in the fold that 100,000 jobs of one fit into 150 MB', async () => {
    const log = new FoldedLog()
    const before = await heapBytes()
    for (let first = 0; first < jobs; first += jobsPerBatch) {
      log.batch(
        Array.from({ length: jobsPerBatch }, (_, index) => {
          const job = `job-${String(first + index).padStart(20, '0')}`
          const chunk = { index: 0, count: 1 }
          return { type: 'job.submitted', job, digest: job, chunk, workflows: [work('step')] } as const
        }),
      )
      // What the test keeps for other tests is not what a fold keeps.
      log.entries.length = 0
      log.transitions.length = 0
    }
    expect(log.state.workflows.size).to.equal(jobs)
    expect(log.stateOf('job-00000000000000000000/step')).to.equal('queued')
    expect(((await heapBytes()) - before) / jobs).to.be.within(100, bytesPerWorkflowMax)
  })
})
