import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { expect } from 'chai'
import { type Attempt, defineWorkflow } from 'covey'
import { rejection } from './client-world.js'
import { ClusterWorld, double, sum } from './cluster-world.js'
import { RecordingSdk, unregisterSdk } from './traced-world.js'

const retry = { attempts: 2, backoff: '10 ms' } as const
/** Fails once. */
const shaky = defineWorkflow({
  name: 'shaky',
  version: '1',
  retry,
  run: async ({ attempt }) => {
    if (attempt === 1) throw new RangeError('not yet')
    return attempt
  },
})
/** Has a span of its own. */
const instrumented = defineWorkflow({
  name: 'instrumented',
  version: '1',
  run: async () => {
    await Promise.resolve()
    return trace.getTracer('user').startActiveSpan('query', async (span) => {
      span.end()
    })
  },
})
const untilStopped = ({ signal }: Attempt<unknown>): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
/** Ends when it is told to. */
const waits = defineWorkflow({ name: 'waits', version: '1', run: untilStopped })
/** The same, with little time. */
const hurried = defineWorkflow({ name: 'hurried', version: '1', timeout: '1 s', run: untilStopped })

describe('A cluster whose processes have an SDK of OpenTelemetry', () => {
  let world: ClusterWorld
  let sdk: RecordingSdk
  beforeEach(async () => {
    sdk = new RecordingSdk()
    world = new ClusterWorld()
    const workflows = [double, sum, shaky, instrumented, waits, hurried]
    const nodes = [world.node('m1', ['manager']), world.node('w1', ['worker'], workflows)]
    await world.during(Promise.all(nodes.map(({ ready }) => ready)))
  })
  afterEach(async () => {
    await world.close()
    unregisterSdk()
  })

  it('tells of a job in one trace: submit, assign, run, result', async () => {
    const client = await world.client()
    const job = await world.during(client.submit(double, 2, { id: 'four' }))
    expect(await world.during(job.result())).to.equal(4)
    expect(sdk.tree()).to.deep.equal([
      'assign double < submit double',
      'result double < submit double',
      'run double < assign double',
      'submit double',
    ])
    expect(sdk.traces.size).to.equal(1)
    const [run] = sdk.named('run double')
    const token = (await world.during(client.job('four'))).workflows[0]?.token
    expect(run?.kind).to.equal(SpanKind.CONSUMER)
    expect(run?.attributes).to.deep.equal({
      ...{ 'messaging.system': 'covey', 'messaging.operation.name': 'run' },
      ...{ 'messaging.operation.type': 'process', 'messaging.destination.name': 'double' },
      ...{ 'messaging.message.id': 'four/main', 'messaging.message.conversation_id': 'four' },
      ...{ 'covey.cluster': 'test', 'covey.node': 'w1', 'covey.job': 'four', 'covey.step': 'main' },
      ...{ 'covey.workflow': 'double', 'covey.attempt': 1, 'covey.token': token },
    })
    expect(sdk.named('assign double')[0]?.attributes).to.include({
      'covey.node': 'm1',
      'covey.worker': 'w1',
    })
    expect(sdk.named('submit double')[0]?.attributes).to.include({ 'covey.again': false })
  })

  it('tells of steps that depend on others, and of every attempt, in the trace of their job', async () => {
    const client = await world.client()
    const workflows = { a: { workflow: shaky }, b: { workflow: sum, after: ['a'] } } as const
    const job = await world.during(client.submitJob({ workflows }))
    expect(await world.during(job.result('b'))).to.equal(2)
    expect(sdk.tree()).to.deep.equal([
      'assign shaky < submit',
      'assign shaky < submit',
      'assign sum < submit',
      'result < submit',
      'run shaky < assign shaky',
      'run shaky < assign shaky',
      'run sum < assign sum',
      'submit',
    ])
    expect(sdk.traces.size).to.equal(1)
    const runs = sdk.named('run shaky')
    expect(runs.map(({ attributes }) => attributes['covey.attempt'])).to.deep.equal([1, 2])
    expect(new Set(runs.map(({ parentSpanContext }) => parentSpanContext?.spanId)).size).to.equal(2)
    const [failed, completed] = runs
    expect(completed?.status.code).to.equal(SpanStatusCode.UNSET)
    expect(failed?.status).to.deep.equal({ code: SpanStatusCode.ERROR, message: 'RangeError: not yet' })
    expect(failed?.attributes['error.type']).to.equal('workflow_failed')
    expect(failed?.events[0]?.attributes).to.include({
      'exception.type': 'RangeError',
      'exception.message': 'not yet',
    })
  })

  it('counts the time for which a workflow was ready', async () => {
    const client = await world.client()
    // Of four slots each is taken.
    for (const id of ['w1', 'w2', 'w3', 'w4']) await world.during(client.submit(waits, null, { id }))
    await world.during(client.submit(double, 1))
    await world.pass(3_000)
    await world.during(client.cancel('w1'))
    await world.pass(1_000)
    const [seconds = 0] = sdk.named('assign double')[0]?.duration ?? []
    expect(seconds).to.be.within(2, 4)
  })

  it('lets spans of user code nest under the run', async () => {
    const client = await world.client()
    const job = await world.during(client.submit(instrumented, null))
    await world.during(job.result())
    expect(sdk.tree()).to.include('query < run instrumented')
  })

  it('submits as a child of what is active, and awaits a result by id so too', async () => {
    const client = await world.client()
    await trace.getTracer('user').startActiveSpan('request', async (span) => {
      await world.during(client.submit(double, 1, { id: 'two' }))
      await world.during(client.result('two'))
      span.end()
    })
    expect(sdk.tree()).to.include.members(['submit double < request', 'result < request'])
    expect(sdk.traces.size).to.equal(1)
  })

  it('says of a run that it was stopped, which is a failure only where its time was over', async () => {
    const client = await world.client()
    await world.during(client.submit(waits, null, { id: 'w' }))
    const timed = await world.during(client.submit(hurried, null))
    await world.pass(100)
    await world.during(client.cancel('w'))
    expect(await rejection(world.during(timed.result()))).to.have.property('code', 'workflow_timeout')
    const told = ['run waits', 'run hurried'].map((name) => {
      const [run] = sdk.named(name)
      return [run?.attributes['covey.stopped'], run?.status.code, run?.events.length]
    })
    expect(told).to.deep.equal([
      ['workflow_cancelled', SpanStatusCode.UNSET, 0],
      ['workflow_timeout', SpanStatusCode.ERROR, 1],
    ])
    expect(sdk.named('result hurried')[0]?.attributes['error.type']).to.equal('workflow_timeout')
  })

  it('says of a submit that it was refused', async () => {
    const client = await world.client()
    await world.during(client.submit(double, 1, { id: 'x' }))
    expect(await rejection(world.during(client.submit(double, 2, { id: 'x' })))).to.have.property(
      'code',
      'id_conflict',
    )
    const refused = sdk.named('submit double')[1]
    expect([refused?.status.code, refused?.attributes['error.type']]).to.deep.equal([
      SpanStatusCode.ERROR,
      'id_conflict',
    ])
  })
})
