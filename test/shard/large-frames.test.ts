import { limits, packValue, unpackValue } from '@covey/protocol'
import { expect } from 'chai'
import { step } from './scripted-client.js'
import { ShardScene } from './shard-scene.js'

const longText = 'x'.repeat(limits.errorTextMax)

describe('frames of a leader', () => {
  let scene: ShardScene

  beforeEach(async () => {
    scene = new ShardScene()
    await scene.lead('m1')
  })
  afterEach(() => scene.close())

  it('K38 a workflow whose input and results do not fit one dispatch fails, and the leader goes on', async () => {
    const worker = await scene.worker('w1', 8)
    const large = new Uint8Array(170 * 1_024)
    const end = { ...step('end', ['a', 'b']), input: packValue(new Uint8Array(200 * 1_024)) }
    await scene.settled(scene.client.submit('job', [step('a'), step('b'), end]))
    await scene.dispatch(worker, 1)
    for (const dispatch of worker.dispatches) worker.complete(dispatch, large)
    await scene.world.until('both ends', () => worker.logged.length === 2)
    expect(await scene.stateOf('job/end')).to.equal('failed')
    expect(await scene.leader()).to.equal('m1')
  })

  it('K38 a burst of failures with long texts is cut into batches that the log takes', async () => {
    const worker = await scene.worker('w1', 300)
    const steps = Array.from({ length: 200 }, (_, index) => step(`s${index}`))
    await scene.settled(scene.client.submit('job', steps))
    await scene.dispatch(worker, 199)
    const cause = {
      name: longText,
      message: longText,
      code: longText,
      stack: 'x'.repeat(limits.errorStackMax),
    }
    const causes = Array<typeof cause>(limits.errorCausesMax).fill(cause)
    const texts = { message: longText, address: longText, mend: longText }
    const error = { code: 'workflow_failed' as const, ...texts, causes }
    for (const { token, workflow } of worker.dispatches) {
      worker.report({ kind: 'failed', token, workflow, credits: [], error, retryable: false })
    }
    await scene.world.until('all ends', () => worker.logged.length === 200)
    const pages: string[] = []
    for (let after = 0; after < 200; after = pages.length) {
      const page = await scene.settled(scene.client.command({ type: 'job.get', job: 'job', after }))
      if (page?.type !== 'job' || page.workflows.length === 0) throw new Error('no page')
      pages.push(...page.workflows.map(({ state }) => state))
    }
    expect(pages).to.deep.equal(Array(200).fill('failed'))
    expect(await scene.leader()).to.equal('m1')
  })

  it('answers with what fits one frame where several results are asked for together', async () => {
    const worker = await scene.worker('w1', 8)
    const steps = Array.from({ length: 4 }, (_, index) => step(`s${index}`))
    await scene.settled(scene.client.submit('job', steps))
    await scene.dispatch(worker, 3)
    for (const dispatch of worker.dispatches) worker.complete(dispatch, 'y'.repeat(200 * 1_024))
    await scene.world.until('all ends', () => worker.logged.length === 4)
    const answers = await scene.settled(
      scene.client.commands(steps.map(({ step: name }) => ({ type: 'result.get', workflow: `job/${name}` }))),
    )
    expect(answers).to.have.length(2)
    const [first] = answers
    const result = first?.type === 'outcome' ? first.outcome.result : undefined
    expect(String(unpackValue(result ?? new Uint8Array())).length).to.equal(200 * 1_024)
  })

  it('H4 a cancel answers each workflow by its own state, whatever order they were submitted in', async () => {
    await scene.settled(scene.client.submit('job', [step('analyse', ['count']), step('count')]))
    const answer = await scene.settled(scene.client.cancel('job'))
    const outcomes = answer?.type === 'cancelled' ? answer.outcomes.map(({ outcome }) => outcome) : []
    expect(outcomes).to.deep.equal(['PENDING_CANCELLED', 'PENDING_CANCELLED'])
    expect(await scene.stateOf('job/analyse')).to.equal('cancelled')
  })
})
