import { type TraceContext, traceSchema } from '@covey/protocol'
import { type Context, createTraceState, ROOT_CONTEXT, type Span, trace } from '@opentelemetry/api'

/** Where a span stands, as it travels. What our own door would refuse is left out: a trace never costs a job. */
export function placeOf(span: Span): TraceContext | undefined {
  const { traceId, spanId, traceFlags, traceState } = span.spanContext()
  const traceparent = `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`
  const tracestate = traceState?.serialize()
  const whole = traceSchema.safeParse(tracestate ? { traceparent, tracestate } : { traceparent })
  return whole.success ? whole.data : traceSchema.safeParse({ traceparent }).data
}

/** The context in which what follows from a span of another process is its child; without one a trace begins. */
export function contextAfter(place: TraceContext | null | undefined): Context {
  if (place === null || place === undefined) return ROOT_CONTEXT
  const [, traceId = '', spanId = '', flags = ''] = place.traceparent.split('-')
  const { tracestate } = place
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId,
    spanId,
    traceFlags: Number.parseInt(flags, 16),
    isRemote: true,
    ...(tracestate === undefined ? {} : { traceState: createTraceState(tracestate) }),
  })
}
