import { ProxyTracerProvider, type Tracer, trace } from '@opentelemetry/api'

const name = 'covey'

/**
 * Makes spans for the SDK of OpenTelemetry that this process has registered; `undefined` where there is none, so that
 * nothing need be made for spans that nobody records. Not kept: an SDK may be registered at any time.
 */
export function findTracer(): Tracer | undefined {
  const provider = trace.getTracerProvider()
  // The interface stands before every SDK, with one that records nothing where none is registered.
  return provider instanceof ProxyTracerProvider ? provider.getDelegateTracer(name) : provider.getTracer(name)
}
