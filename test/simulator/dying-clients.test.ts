import {
  type DefineJobInvariant,
  drawTrace,
  invariants,
  type JobsView,
  jobInvariants,
  simulate,
  simulationOf,
  type Trace,
} from '@covey/simulator'
import { expect } from 'chai'

describe('A simulated client that dies', function () {
  // Much to compute, on a machine that may be busy.
  this.timeout(60_000)

  it('has its next process answered, and its job done once', async () => {
    const step = { work: 'steady' as const, ms: 2_000, fails: 0 }
    const steps = [
      { step: 's0', ...step, after: [] },
      { step: 's1', ...step, after: ['s0'] },
    ]
    const errands: Trace['errands'] = [
      { kind: 'submit', atMs: 0, client: 0, job: 'j1', twice: false, steps },
      ...[1, 1_000, 3_000].map((atMs) => ({ kind: 'die' as const, atMs, client: 0 })),
    ]
    const trace = { ...drawTrace({ seed: 1, nodes: 4, minutes: 0.1, kinds: [] }), errands }
    let jobs: JobsView | undefined
    const listen: DefineJobInvariant = (scene) => {
      jobs = scene.jobs
      return { name: 'listen', look: () => [] }
    }
    const { violation } = await simulate(simulationOf(trace), invariants, undefined, [
      ...jobInvariants,
      listen,
    ])
    expect(violation).to.equal(undefined)
    expect(jobs?.executions.map(({ workflow }) => workflow)).to.deep.equal(['j1/s0', 'j1/s1'])
    const said = jobs?.answers.map(({ about, kind, said: as }) => `${about} ${kind} ${as}`)
    expect(said).to.deep.equal(['j1 ended completed', 'j1/s0 result completed', 'j1/s1 result completed'])
  })
})
