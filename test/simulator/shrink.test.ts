import { type Errand, type Fault, shrinkTrace, type Trace } from '@covey/simulator'
import { expect } from 'chai'

const crash = (atMs: number): Fault => ({ kind: 'crash', node: 'n1', atMs, forMs: 1 })
const cancel = (atMs: number): Errand => ({ kind: 'cancel', client: 0, job: 'j1', atMs })
const faults = Array.from({ length: 40 }, (_, index) => crash(index))
const trace: Trace = { version: 1, seed: 1, nodes: 3, minutes: 1, faults }
const times = (items: readonly { readonly atMs: number }[] = []): number[] => items.map(({ atMs }) => atMs)

describe('Shrinking a trace', () => {
  it('finds the fewest faults that still fail, wherever they stand', async () => {
    const needed = [3, 17, 38]
    const stillFails = async (some: Trace) => needed.every((atMs) => times(some.faults).includes(atMs))
    const shortest = await shrinkTrace(trace, stillFails, 1_000)
    expect(shortest).to.deep.equal({ ...trace, faults: needed.map(crash) })
  })

  it('then leaves out what clients do, as far as it fails without', async () => {
    const errands = Array.from({ length: 10 }, (_, index) => cancel(index))
    const stillFails = async (some: Trace) =>
      times(some.faults).includes(5) && times(some.errands).includes(7)
    const shortest = await shrinkTrace({ ...trace, errands }, stillFails, 1_000)
    expect(shortest).to.deep.equal({ ...trace, faults: [crash(5)], errands: [cancel(7)] })
  })

  it('leaves nothing where nothing is needed', async () => {
    expect((await shrinkTrace(trace, async () => true, 1_000)).faults).to.deep.equal([])
  })

  it('leaves everything where everything is needed', async () => {
    const stillFails = async (some: Trace) => some.faults.length === faults.length
    expect(await shrinkTrace(trace, stillFails, 1_000)).to.deep.equal(trace)
  })

  it('spends no more runs than it was given', async () => {
    let runs = 0
    const stillFails = async (some: Trace) => {
      runs += 1
      return times(some.faults).includes(39)
    }
    const shortest = await shrinkTrace(trace, stillFails, 3)
    expect([runs, shortest.faults.length < faults.length]).to.deep.equal([3, true])
  })
})
