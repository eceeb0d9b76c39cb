import type { CodeEnding, Notice, TracedAssignment, TracedAttempt, Tracing } from '@covey/actors'
import { type Dispatch, splitWorkflowId, type TraceContext } from '@covey/protocol'
import {
  type Attributes,
  context,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api'
import { sdkGuard } from './sdk-guard.js'
import { messagingAttributes, type Operation, spanName } from './span-names.js'
import { contextAfter, placeOf } from './trace-context.js'
import { findTracer } from './tracer.js'

/** What the spans of a node are made with. */
export interface NodeTracingOptions {
  readonly cluster: string
  readonly node: string
  /** The wall clock of this process in milliseconds. */
  readonly wallNow: () => number
  readonly notice: (notice: Notice) => void
}

/** Told to stop by one of these, it did not fail: somebody wanted it so, or it goes on elsewhere. */
const harmlessStops: ReadonlySet<string> = new Set(['workflow_cancelled', 'fenced', 'departed', 'closed'])

function attributesOf(operation: Operation, dispatch: Dispatch, options: NodeTracingOptions): Attributes {
  const { workflow, name, attempt, token } = dispatch
  const { job, step } = splitWorkflowId(workflow)
  return {
    ...messagingAttributes(operation, name, job),
    'messaging.message.id': workflow,
    'covey.cluster': options.cluster,
    'covey.node': options.node,
    'covey.job': job,
    'covey.step': step,
    'covey.workflow': name,
    'covey.attempt': attempt,
    'covey.token': token,
  }
}

function endRun(span: Span, ending: CodeEnding, stop: string | undefined): void {
  if (stop !== undefined) span.setAttribute('covey.stopped', stop)
  if (ending.type === 'code.failed' && !(stop !== undefined && harmlessStops.has(stop))) {
    const { code, message, causes: [cause] = [] } = ending.error
    span.setAttribute('error.type', code)
    span.recordException(cause ?? { name: code, message })
    span.setStatus({ code: SpanStatusCode.ERROR, message })
  }
  span.end()
}

const isThere = (): boolean => findTracer() !== undefined

/** The spans of a node, for whatever SDK this process has registered. What an SDK throws harms nothing and is noticed. */
export function nodeTracing(options: NodeTracingOptions): Tracing {
  const guardSdk = sdkGuard(options.notice)
  const guard = <Made>(make: (tracer: Tracer) => Made): Made | undefined =>
    guardSdk(() => {
      const tracer = findTracer()
      return tracer && make(tracer)
    })
  return {
    get isOn() {
      return guardSdk(isThere) === true
    },
    assigned(assignment) {
      return guard((tracer) => assign(tracer, assignment, options)) ?? assignment.trace ?? undefined
    },
    async run({ dispatch, stop }: TracedAttempt, code) {
      const parent = contextAfter(dispatch.trace)
      const { name } = dispatch
      const attributes = attributesOf('run', dispatch, options)
      const span = guard((tracer) =>
        tracer.startSpan(spanName('run', name), { kind: SpanKind.CONSUMER, attributes }, parent),
      )
      if (span === undefined) return code()
      const ending = await context.with(trace.setSpan(parent, span), code)
      guard(() => endRun(span, ending, stop()))
      return ending
    },
  }
}

/** Made when the assignment goes out, from the recorded times: no leader keeps spans open, and any may follow it. */
function assign(
  tracer: Tracer,
  { dispatch, worker, trace: place, waitedMs }: TracedAssignment,
  options: NodeTracingOptions,
): TraceContext | undefined {
  const endTime = options.wallNow()
  const attributes = { ...attributesOf('assign', dispatch, options), 'covey.worker': worker }
  const span = tracer.startSpan(
    spanName('assign', dispatch.name),
    { attributes, startTime: endTime - waitedMs },
    contextAfter(place),
  )
  span.end(endTime)
  return placeOf(span)
}
