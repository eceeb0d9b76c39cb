import { limits } from '@covey/protocol'
import { expect } from 'chai'
import { defineWorkflow } from 'covey'
import { ClusterWorld } from './cluster-world.js'

const steps = 10_000
const runs = new Map<string, number>()
const counted = defineWorkflow({
  name: 'counted',
  version: '1',
  run: async ({ workflow, input }) => {
    runs.set(workflow, (runs.get(workflow) ?? 0) + 1)
    return Number(input)
  },
})

describe(`A job of ${steps} workflows`, () => {
  let world: ClusterWorld
  beforeEach(() => {
    runs.clear()
    world = new ClusterWorld()
  })
  afterEach(() => world.close())

  it('is taken whole, runs each of them once, and has the result of each', async function () {
    this.timeout(60_000)
    await world.during(world.node('a', ['manager']).ready)
    await world.during(world.node('b', ['worker'], [counted], 500).ready)
    const client = await world.client()
    const workflows = Object.fromEntries(
      Array.from({ length: steps }, (_, index) => [`s${index}`, { workflow: counted, input: index }]),
    )
    const job = await world.during(client.submitJob({ id: 'large', workflows }))
    expect(await world.during(client.ended('large', { deadlineMs: 600_000 }))).to.equal('completed')
    expect([runs.size, Math.max(...runs.values())]).to.deep.equal([steps, 1])
    const summary = await world.during(client.summary('large'))
    expect(summary).to.include({ state: 'completed', total: steps, ended: steps })
    for (const index of [0, limits.workflowsPerChunkMax, steps - 1])
      expect(await world.during(job.result(`s${index}`))).to.equal(index)
  })
})
