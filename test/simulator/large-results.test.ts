import {
  type DefineJobInvariant,
  drawTrace,
  faultKinds,
  invariants,
  type JobsView,
  jobInvariants,
  simulate,
  simulationOf,
} from '@covey/simulator'
import { expect } from 'chai'

describe('A simulation with large results in it', function () {
  // Much to compute, on a machine that may be busy.
  this.timeout(60_000)

  it('K36 holds every invariant under every fault, and what is read is what was given (seed 60,803)', async () => {
    let jobs: JobsView | undefined
    const look: DefineJobInvariant = (scene) => {
      jobs = scene.jobs
      return { name: 'look', look: () => [] }
    }
    const size = { nodes: 4, minutes: 0.1, pauseMs: 900, jobs: 6 }
    const trace = drawTrace({ seed: 60_803, ...size, kinds: faultKinds })
    const { violation } = await simulate(simulationOf(trace), invariants, undefined, [...jobInvariants, look])
    const replay = 'covey sim --seed 60803 --nodes 4 --minutes 0.1 --pause 0.9 --jobs 6'
    expect(violation, replay).to.equal(undefined)
    // There was something to judge: words that name what they gave, and clients who read it.
    const stored = jobs?.logs.all.flatMap(({ words }) => words.filter((word) => word.stored !== undefined))
    expect(stored).to.have.length.above(1)
    const read = jobs?.answers.filter(
      ({ value }) => typeof value === 'object' && value !== null && 'body' in value,
    )
    expect(read).to.have.length.above(1)
  })

  it('K6 takes an attempt that read large results first for as old as its order (seed 62,464)', async () => {
    // Its worker hears of the next leader while it reads: what begins after that was ordered before.
    const size = { nodes: 8, minutes: 0.1, pauseMs: 2_000, jobs: 11, shards: 2 }
    const { violation } = await simulate(
      simulationOf(drawTrace({ seed: 62_464, ...size, kinds: faultKinds })),
    )
    const replay = 'covey sim --seed 62464 --nodes 8 --minutes 0.1 --pause 2 --jobs 11 --shards 2'
    expect(violation, replay).to.equal(undefined)
  })
})
