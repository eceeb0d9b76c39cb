import { ProxyTracerProvider, trace } from '@opentelemetry/api'
import { tracingWish } from './tracing-wish.js'

/** How a process traces. */
export interface TracingOptions {
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Hears of what does not work. */
  readonly say: (line: string) => void
}

/** Whether somebody has registered an SDK in this process already, by `node --import`. */
function hasSdk(): boolean {
  const provider = trace.getTracerProvider()
  return !(provider instanceof ProxyTracerProvider && provider.getDelegateTracer('covey') === undefined)
}

/**
 * Does some work, and exports its spans where the standard variables of OpenTelemetry ask for it; what is loaded for that
 * is loaded only then. Settles as the work does, once its last spans are sent or have been given up.
 */
export async function withTracing<Result>(
  { environment, say }: TracingOptions,
  work: () => Promise<Result>,
): Promise<Result> {
  const wish = tracingWish(environment)
  if (wish.kind === 'unknown') say(`traces: ${wish.why}; none are sent`)
  if (wish.kind !== 'on' || hasSdk()) return work()
  const { startOtlpSdk } = await import('./otlp-sdk.js')
  const sdk = startOtlpSdk(wish, say)
  try {
    return await work()
  } finally {
    await sdk.stop()
  }
}
