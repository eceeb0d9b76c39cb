import { limits, type Step } from '@covey/protocol'
import { expect } from 'chai'
import { step } from './scripted-client.js'
import { ShardScene } from './shard-scene.js'

describe('submission of a job in chunks', () => {
  let scene: ShardScene

  beforeEach(async () => {
    scene = new ShardScene()
    await scene.lead('m1')
  })
  afterEach(() => scene.close())

  const submit = (index: number, workflows: Step[]) => {
    const chunk = { index, count: 2 }
    return scene.settled(
      scene.client.command({ type: 'job.submit', job: 'job', digest: 'd', chunk, workflows }),
    )
  }

  it('begins the job when the last chunk is in the log', async () => {
    const worker = await scene.worker('w1', 4)
    await submit(1, [step('b', ['a'])])
    await scene.world.run(1_000)
    expect(worker.dispatches).to.deep.equal([])
    await submit(0, [step('a')])
    expect((await scene.dispatch(worker)).workflow).to.equal('job/a')
  })

  it('cancels a job whose submission is never completed', async () => {
    await submit(0, [step('a')])
    await scene.world.run(limits.submissionMsMax + 10_000)
    expect(await scene.stateOf('job/a')).to.equal('cancelled')
    const answer = await scene.settled(scene.client.command({ type: 'job.get', job: 'job', after: 0 }))
    expect(answer).to.deep.include({ type: 'job', state: 'cancelled' })
  })

  it('refuses a later chunk with a workflow that nobody offers, and confirms what it has', async () => {
    await scene.worker('w1', 1)
    await scene.world.run(4_000)
    expect(await submit(0, [step('a')])).to.include({ type: 'submitted' })
    const refused = await submit(1, [step('b', [], 'wrok')])
    expect(refused?.type === 'error' && refused.error.code).to.equal('unknown_workflow')
    expect(await submit(0, [step('a')])).to.include({ type: 'submitted', again: true })
  })

  it('refuses a chunk that its job does not have, in time and not by silence', async () => {
    const chunk = { index: 2, count: 2 }
    const refused = await scene.settled(
      scene.client.command({ type: 'job.submit', job: 'job', digest: 'd', chunk, workflows: [step('a')] }),
    )
    expect(refused?.type === 'error' && refused.error).to.deep.include({
      code: 'invalid_job',
      message: 'job job of 2 chunks has no chunk 2',
    })
    expect(await submit(0, [step('a')])).to.include({ type: 'submitted', again: false })
  })

  it('takes a job up to its limit, a chunk that is sent again as one, and refuses what is more', async () => {
    const size = limits.workflowsPerChunkMax
    const full = Math.floor(limits.workflowsPerJobMax / size)
    const ask = (index: number, workflows: number) =>
      scene.client.command(
        {
          type: 'job.submit',
          job: 'job',
          digest: 'd',
          chunk: { index, count: full + 2 },
          workflows: Array.from({ length: workflows }, (_, at) => step(`s${index}-${at}`)),
        },
        20_000,
      )
    const told: string[] = []
    const tell = async (asked: ReturnType<typeof ask>[]) => {
      for (const answer of await scene.settled(Promise.all(asked))) {
        told.push(answer?.type === 'error' ? answer.error.code : String(answer?.type))
      }
    }
    // Ten at once, so that parts wait for their append while the next ones are judged.
    for (let index = 0; index < full; index += 10) {
      await tell(Array.from({ length: Math.min(10, full - index) }, (_, at) => ask(index + at, size)))
    }
    const rest = limits.workflowsPerJobMax - full * size
    await tell([ask(full, rest), ask(full, rest), ask(full + 1, 1)])
    expect(told).to.deep.equal([...Array<string>(full + 2).fill('submitted'), 'too_large'])
  }).timeout(60_000)
})
