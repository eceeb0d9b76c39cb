import { isCoveyError } from '@covey/protocol'
import { context, type Span, type SpanContext, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import type { JobContent } from '../job/job-content.js'
import { messagingAttributes, spanName } from './span-names.js'
import { findTracer } from './tracer.js'

/** Ends a span with what a promise comes to, and settles as it does. */
async function endWith<Value>(span: Span, promise: Promise<Value>): Promise<Value> {
  try {
    return await promise
  } catch (error) {
    const { name, message } = error as Error
    span.setAttribute('error.type', isCoveyError(error) ? error.code : name)
    span.recordException(error as Error)
    span.setStatus({ code: SpanStatusCode.ERROR, message })
    throw error
  } finally {
    span.end()
  }
}

/** Begins the span of a submit, as a child of what is active; `undefined` where nobody traces. */
export function beginSubmit(cluster: string, { job, chunks }: JobContent): Span | undefined {
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
  span: Span,
  answer: Promise<{ readonly again: boolean }>,
): Promise<{ readonly again: boolean }> =>
  endWith(
    span,
    answer.then((answered) => {
      span.setAttribute('covey.again', answered.again)
      return answered
    }),
  )

/**
 * Tells how long a result is awaited: a child of its submit where this process did that, else of what is active. Where
 * nobody traces it is the given promise. `id` is `<job>/<step>`, `name` that of the function where it is known.
 */
export function tracedResult(
  result: Promise<unknown>,
  id: string,
  submitted?: SpanContext,
  name?: string,
): Promise<unknown> {
  const tracer = findTracer()
  if (tracer === undefined) return result
  const [job = '', step = ''] = id.split('/')
  const attributes = {
    ...messagingAttributes('result', name, job),
    'messaging.message.id': id,
    'covey.job': job,
    'covey.step': step,
  }
  const active = context.active()
  const parent = submitted === undefined ? active : trace.setSpanContext(active, submitted)
  return endWith(
    tracer.startSpan(spanName('result', name), { kind: SpanKind.CLIENT, attributes }, parent),
    result,
  )
}
