import fc from 'fast-check'
import { Schedule, type Step, stepKinds } from './schedule.js'

const seed = 20_240_117
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({ kind: fc.constantFrom(...stepKinds), pick: fc.nat({ max: 1_000 }) }),
  { maxLength: 60, size: 'max' },
)

describe('slots of a worker', () => {
  it(`never exceed those declared, under any schedule of commands (invariant 18, seed ${seed})`, async function () {
    this.timeout(60_000)
    await fc.assert(
      fc.asyncProperty(steps, (schedule) => Schedule.play(schedule, 3)),
      { seed, numRuns: 200 },
    )
  })
})
