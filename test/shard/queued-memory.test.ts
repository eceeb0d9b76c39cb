import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect } from 'chai'
import { FoldedLog, work } from './folded-log.js'

/** 100,000 of them may take 150 MB. */
const bytesPerWorkflowMax = 1_500
const jobs = 10_000
const jobsPerBatch = 50

/** What is left when nothing more can be collected. */
function heapBytes(): number {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  if (typeof collect === 'function') collect()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

describe('workflows that wait', () => {
  it('take so little in the fold that 100,000 jobs of one fit into 150 MB', () => {
    const log = new FoldedLog()
    const before = heapBytes()
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
    expect((heapBytes() - before) / jobs).to.be.within(100, bytesPerWorkflowMax)
  })
})
