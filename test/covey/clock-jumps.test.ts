import { expect } from 'chai'
import { type AnyWorkflow, defineWorkflow } from 'covey'
import { ClusterWorld } from './cluster-world.js'

const hourMs = 3_600_000

describe('A worker whose wall clock jumps', () => {
  let world: ClusterWorld
  let runs: string[]
  beforeEach(() => {
    world = new ClusterWorld()
    runs = []
  })
  afterEach(() => world.close())

  /** A job of one workflow of five seconds, during which the wall clock of its worker jumps. */
  async function resultAfter(jumpMs: number): Promise<unknown> {
    const slow: AnyWorkflow = defineWorkflow({
      name: 'slow',
      version: '1',
      run: ({ token, signal }) =>
        new Promise<string>((resolve, reject) => {
          runs.push(token)
          const timer = world.clock.setTimeout(() => resolve('done'), 5_000)
          signal.addEventListener('abort', () => {
            world.clock.clearTimeout(timer)
            reject(signal.reason)
          })
        }),
    })
    let aheadMs = 0
    const wallNow = (): number => world.clock.now() + aheadMs
    await world.during(world.node('m', ['manager']).ready)
    await world.during(world.node('w', ['worker'], [slow], 1, wallNow).ready)
    const client = await world.client()
    const job = await world.during(client.submit(slow, undefined, { id: 'job' }))
    await world.pass(2_000)
    expect(runs).to.have.length(1)
    aheadMs = jumpMs
    const result = await world.during(job.result())
    const { jobs } = await world.during(client.status())
    expect(jobs).to.include({ completed: 1, running: 0, failed: 0 })
    return result
  }

  it('an hour back goes on as if nothing had happened', async () => {
    expect(await resultAfter(-hourMs)).to.equal('done')
    expect(runs).to.have.length(1)
  })

  it('an hour ahead takes that for a sleep: the work is fenced, runs again, and ends once (K29)', async () => {
    expect(await resultAfter(hourMs)).to.equal('done')
    expect(runs).to.have.length(2)
    expect(new Set(runs)).to.have.property('size', 2)
  })
})
