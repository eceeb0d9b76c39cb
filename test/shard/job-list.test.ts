import { type AnswerOf, limits } from '@covey/protocol'
import { expect } from 'chai'
import { ShardScene } from './shard-scene.js'

describe('the list of all jobs', () => {
  let scene: ShardScene

  beforeEach(async () => {
    scene = new ShardScene()
    await scene.lead('m1')
  })
  afterEach(() => scene.close())

  const page = async (after: number): Promise<AnswerOf<'jobs'>> => {
    const answer = await scene.settled(scene.client.command({ type: 'job.list', after }))
    if (answer?.type !== 'jobs') throw new Error(`the answer is ${answer?.type}`)
    return answer
  }

  it('is empty where there are none', async () => {
    expect(await page(0)).to.deep.include({ total: 0, jobs: [] })
  })

  it('is told in pages, in the order of submission, each with how far it is', async () => {
    const ids = Array.from({ length: limits.jobsPerPageMax + 2 }, (_, index) => `job-${index}`)
    for (let first = 0; first < ids.length; first += 500) {
      const some = ids.slice(first, first + 500).map((id) => scene.client.submit(id))
      await scene.settled(Promise.all(some))
    }
    await scene.settled(scene.client.cancel('job-1'))
    const first = await page(0)
    expect(first.total).to.equal(ids.length)
    expect(first.jobs.map(({ id }) => id)).to.deep.equal(ids.slice(0, limits.jobsPerPageMax))
    expect(first.jobs.slice(0, 2)).to.deep.equal([
      { id: 'job-0', state: 'running', total: 1, ended: 0 },
      { id: 'job-1', state: 'cancelled', total: 1, ended: 1 },
    ])
    const rest = await page(limits.jobsPerPageMax)
    expect(rest.jobs.map(({ id }) => id)).to.deep.equal(ids.slice(limits.jobsPerPageMax))
    expect((await page(ids.length)).jobs).to.deep.equal([])
  })
})
