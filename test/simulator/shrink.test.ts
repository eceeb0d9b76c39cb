import { type Fault, shrinkFaults } from '@covey/simulator'
import { expect } from 'chai'

const crash = (atMs: number): Fault => ({ kind: 'crash', node: 'n1', atMs, forMs: 1 })
const schedule = Array.from({ length: 40 }, (_, index) => crash(index))

describe('Shrinking a schedule', () => {
  it('finds the fewest faults that still fail, wherever they stand', async () => {
    const needed = [3, 17, 38]
    const stillFails = async (faults: readonly Fault[]) =>
      needed.every((atMs) => faults.some((fault) => fault.atMs === atMs))
    const shortest = await shrinkFaults(schedule, stillFails, 1_000)
    expect(shortest.map(({ atMs }) => atMs)).to.deep.equal(needed)
  })

  it('leaves nothing where nothing is needed', async () => {
    expect(await shrinkFaults(schedule, async () => true, 1_000)).to.deep.equal([])
  })

  it('leaves everything where everything is needed', async () => {
    const stillFails = async (faults: readonly Fault[]) => faults.length === schedule.length
    expect(await shrinkFaults(schedule, stillFails, 1_000)).to.deep.equal(schedule)
  })

  it('spends no more runs than it was given', async () => {
    let runs = 0
    const stillFails = async (faults: readonly Fault[]) => {
      runs += 1
      return faults.some(({ atMs }) => atMs === 39)
    }
    const shortest = await shrinkFaults(schedule, stillFails, 3)
    expect([runs, shortest.length < schedule.length]).to.deep.equal([3, true])
  })
})
