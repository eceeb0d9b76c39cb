import { isCoveyError, type TraceContext } from '@covey/protocol'
import { context, type Span, type SpanContext, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import type { JobContent } from '../job/job-content.js'
import type { SdkGuard } from './sdk-guard.js'
import { messagingAttributes, spanName } from './span-names.js'
import { placeOf } from './trace-context.js'
import { findTracer } from './tracer.js'

/** Ends a span with what a promise comes to, and settles as it does. */
async function endWith<Value>(guard: SdkGuard, span: Span, promise: Promise<Value>): Promise<Value> {
  try {
    return await promise
  } catch (error) {
    guard(() => {
      const { name, message } = error as Error
      span.setAttribute('error.type', isCoveyError(error) ? error.code : name)
      span.recordException(error as Error)
      span.setStatus({ code: SpanStatusCode.ERROR, message })
    })
    throw error
  } finally {
    guard(() => span.end())
  }
}

/** The span of a submit that has begun. */
export interface SubmitSpan {
  readonly span: Span
  readonly place: TraceContext | undefined
  readonly context: SpanContext
}

/** Begins the span of a submit, as a child of what is active; `undefined` where nobody traces, or the SDK throws. */
export const beginSubmit = (guard: SdkGuard, cluster: string, content: JobContent): SubmitSpan | undefined =>
  guard(() => {
    const span = startSubmit(cluster, content)
    return span && { span, place: placeOf(span), context: span.spanContext() }
  })

function startSubmit(cluster: string, { job, chunks }: JobContent): Span | undefined {
  const tracer = findTracer()
  if (tracer === undefined) return undefined
  const steps = chunks.reduce((sum, chunk) => sum + chunk.length, 0)
  const workflow = steps === 1 ? chunks[0]?.[0]?.name : undefined
  const attributes = {
    ...messagingAttributes('submit', workflow, job),
    'covey.cluster': cluster,
    'covey.job': job,
    ...(steps === 1 ? {} : { 'messaging.batch.message_count': steps }),
  }
  return tracer.startSpan(spanName('submit', workflow), { kind: SpanKind.PRODUCER, attributes })
}

/** Ends the span of a submit when that is answered. */
export const endSubmit = (
  guard: SdkGuard,
  { span }: SubmitSpan,
  answer: Promise<{ readonly again: boolean }>,
): Promise<{ readonly again: boolean }> =>
  endWith(
    guard,
    span,
    answer.then((answered) => {
      guard(() => span.setAttribute('covey.again', answered.again))
      return answered
    }),
  )

/**
 * Tells how long a result is awaited: a child of its submit where this process did that, else of what is active. Where
 * nobody traces, or the SDK throws, it is the given promise. `id` is `<job>/<step>`, `name` that of the function where it is known.
 */
export function tracedResult(
  guard: SdkGuard,
  result: Promise<unknown>,
  id: string,
  submitted?: SpanContext,
  name?: string,
): Promise<unknown> {
  const span = guard(() => startResult(id, submitted, name))
  return span === undefined ? result : endWith(guard, span, result)
}

function startResult(id: string, submitted?: SpanContext, name?: string): Span | undefined {
  const tracer = findTracer()
  if (tracer === undefined) return undefined
  const [job = '', step = ''] = id.split('/')
  const attributes = {
    ...messagingAttributes('result', name, job),
    'messaging.message.id': id,
    'covey.job': job,
    'covey.step': step,
  }
  const active = context.active()
  const parent = submitted === undefined ? active : trace.setSpanContext(active, submitted)
  return tracer.startSpan(spanName('result', name), { kind: SpanKind.CLIENT, attributes }, parent)
}
