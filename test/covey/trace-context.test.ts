import {
  batchMessage,
  commandsMessage,
  createSubjects,
  type Dispatch,
  limits,
  packValue,
  runMessage,
  type TraceContext,
} from '@covey/protocol'
import { context, type SpanContext, TraceFlags, trace } from '@opentelemetry/api'
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node'
import { expect } from 'chai'
import { rejection } from './client-world.js'
import { ClusterWorld, double } from './cluster-world.js'
import { registering } from './scripted-leader.js'
import { RecordingSdk, unregisterSdk } from './traced-world.js'

const traceId = '0af7651916cd43dd8448eb211c80319c'
const spanId = 'b7ad6b7169203331'
const place: TraceContext = { traceparent: `00-${traceId}-${spanId}-01`, tracestate: 'vendor=1,other=2' }

const submission = (given: object) => ({
  ...({ type: 'job.submit', number: 1, job: 'traced', digest: 'd', chunk: { index: 0, count: 1 } } as const),
  workflows: [{ step: 'main', name: 'double', input: packValue(2), after: [] }],
  ...given,
})
const frameOf = (given: object): Uint8Array =>
  commandsMessage.encode({ client: 'plain', commands: [submission(given)] })

/** Everything that a cluster says on its bus, and its log. */
class Wire {
  readonly frames: { readonly subject: string; readonly data: Uint8Array }[] = []
  readonly #links

  constructor(world: ClusterWorld) {
    this.#links = world.open('wire')
    this.#links.control.subscribe('>', ({ subject, data }) => this.frames.push({ subject, data }))
    this.#links.log(0).follow(0, { onEntry: (entry) => this.frames.push(entry) })
  }

  request(data: Uint8Array) {
    return this.#links.control.request(createSubjects('test').command(0), data, 1_000)
  }

  get dispatches(): readonly Dispatch[] {
    const runs = this.frames.filter(({ subject }) => subject.endsWith('.run'))
    return runs.flatMap(({ data }) => runMessage.decode(data).dispatches)
  }

  get submitted(): readonly object[] {
    const batches = this.frames.filter(({ subject }) => subject === createSubjects('test').batch(0))
    return batches
      .flatMap(({ data }) => batchMessage.decode(data).events)
      .filter(({ type }) => type === 'job.submitted')
  }
}

describe('The place of a job in a trace', () => {
  let world: ClusterWorld
  /** A node that leads, in what is told from its start. */
  const begin = async (): Promise<Wire> => {
    const wire = new Wire(world)
    await world.during(world.node('n1').ready)
    await world.during((await world.client()).status())
    return wire
  }
  beforeEach(() => {
    world = new ClusterWorld()
  })
  afterEach(async () => {
    await world.close()
    unregisterSdk()
  })

  it('K54 is in no frame and in no log where no process has an SDK', async () => {
    const wire = await begin()
    const client = await world.client()
    const job = await world.during(client.submit(double, 2))
    expect(await world.during(job.result())).to.equal(4)
    expect(wire.submitted).to.have.lengthOf(1)
    expect(wire.dispatches).to.have.lengthOf(1)
    expect(wire.frames.filter(({ data }) => Buffer.from(data).includes('trace'))).to.deep.equal([])
  })

  it('goes from a submit into the log and to the worker, although the cluster itself does not trace', async () => {
    const wire = await begin()
    await world.during(wire.request(frameOf({ trace: place })))
    await world.pass(100)
    expect(wire.submitted.map((event) => 'trace' in event && event.trace)).to.deep.equal([place])
    expect(wire.dispatches.map((dispatch) => dispatch.trace)).to.deep.equal([place])
  })

  it('is kept by the log for the next leader', async () => {
    const wire = new Wire(world)
    const managers = [world.node('m1', ['manager']), world.node('m2', ['manager'])]
    await world.during(Promise.all(managers.map(({ ready }) => ready)))
    const client = await world.client()
    await world.during(client.status())
    await world.during(wire.request(frameOf({ trace: place })))
    await world.during(
      Promise.all(managers.filter((node) => node.leads().length > 0).map((node) => node.leave())),
    )
    await world.during(world.node('w1', ['worker']).ready)
    expect(await world.during(client.ended('traced'))).to.equal('completed')
    expect(wire.dispatches.map((dispatch) => dispatch.trace)).to.deep.equal([place])
  })

  it('goes on in the spans of a cluster that traces, with its state', async () => {
    const sdk = new RecordingSdk()
    const wire = await begin()
    await world.during(wire.request(frameOf({ trace: place })))
    await world.pass(100)
    const [assign] = sdk.named('assign double')
    const [run] = sdk.named('run double')
    expect([assign?.parentSpanContext?.spanId, assign?.parentSpanContext?.isRemote]).to.deep.equal([
      spanId,
      true,
    ])
    expect(run?.spanContext().traceId).to.equal(traceId)
    expect(run?.spanContext().traceState?.serialize()).to.equal(place.tracestate)
  })

  it('K54 is that of the first submit where a job is submitted again: a trace makes no other content', async () => {
    const wire = await begin()
    await world.during(wire.request(frameOf({ trace: place })))
    const other = { traceparent: place.traceparent.replace('0af', 'fff') }
    const outcome = await world.during(wire.request(frameOf({ number: 2, trace: other })))
    await world.pass(100)
    expect(outcome.kind).to.equal('reply')
    expect(wire.dispatches.map((dispatch) => dispatch.trace)).to.deep.equal([place])
  })

  const faults: Record<string, object | string> = {
    'is no object': place.traceparent,
    'has no traceparent': { tracestate: 'a=1' },
    'has another version': { traceparent: place.traceparent.replace('00-', '01-') },
    'names the trace of no one': { traceparent: `00-${'0'.repeat(32)}-${spanId}-01` },
    'names the span of no one': { traceparent: `00-${traceId}-${'0'.repeat(16)}-01` },
    'has capital letters': { traceparent: place.traceparent.toUpperCase() },
    'goes on behind its end': { traceparent: `${place.traceparent}-00` },
    'has a state over the limit': { ...place, tracestate: `a=${'x'.repeat(limits.tracestateTextMax)}` },
    'has a state of other characters': { ...place, tracestate: 'a=ü' },
  }
  for (const [what, fault] of Object.entries(faults)) {
    it(`is refused at the door where it ${what}`, () => {
      expect(() => commandsMessage.decode(frameOf({ trace: fault }))).to.throw(/commands\.0\.trace/)
    })
  }

  it('is left out by a client whose SDK makes what the door would refuse, and is in each chunk else', async () => {
    unregisterSdk()
    const sdk = new RecordingSdk()
    const leader = world.leader(registering())
    const client = await world.client()
    const under = (given: Partial<SpanContext>) => {
      const parent: SpanContext = { traceId, spanId, traceFlags: TraceFlags.NONE, ...given }
      const names = Array.from({ length: limits.workflowsPerChunkMax + 1 }, (_, index) => `s${index}`)
      const workflows = Object.fromEntries(names.map((name) => [name, { name: 'x' }]))
      return context.with(trace.setSpanContext(context.active(), parent), () =>
        world.during(client.submitJob({ workflows })),
      )
    }
    const serialize = (): string => `a=${'x'.repeat(600)}`
    const traceState = { get: () => undefined, set: () => traceState, unset: () => traceState, serialize }
    await under({ traceState })
    const traces = leader.commands.map((command) => 'trace' in command && command.trace)
    expect(traces).to.have.lengthOf(2)
    for (const told of traces) {
      // Not sampled: nothing is recorded, and who comes next is told so.
      expect(told).to.have.all.keys('traceparent')
      expect(told)
        .to.have.property('traceparent')
        .that.matches(new RegExp(`^00-${traceId}-[0-9a-f]{16}-00$`))
    }
    expect(sdk.spans).to.deep.equal([])
  })

  const no = () => expect.fail('no')
  const sampler = { shouldSample: no, toString: () => 'throws' }
  const throwing = { sampler: new NodeTracerProvider({ sampler }), provider: { getTracer: no } }
  for (const [what, provider] of Object.entries(throwing)) {
    it(`is given up where the ${what} of an SDK throws, and nothing else is`, async () => {
      trace.setGlobalTracerProvider(provider)
      const wire = await begin()
      await world.during(wire.request(frameOf({ trace: place })))
      expect(await world.during((await world.client()).ended('traced'))).to.equal('completed')
      expect(wire.dispatches.map((dispatch) => dispatch.trace)).to.deep.equal([place])
    })
  }

  it('K54 is refused as a whole frame, which is counted and not answered', async () => {
    const wire = await begin()
    const outcome = await world.during(wire.request(frameOf({ trace: { traceparent: 'none' } })))
    expect(outcome.kind).to.equal('timeout')
    const client = await world.client()
    expect(await rejection(world.during(client.summary('traced')))).to.have.property('code', 'not_found')
  })
})
