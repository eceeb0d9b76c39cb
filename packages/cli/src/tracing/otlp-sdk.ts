import { limits } from '@covey/protocol'
import { systemClock } from '@covey/transport'
import { type DiagLogger, DiagLogLevel, diag } from '@opentelemetry/api'
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources'
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node'
import type { TracingWish } from './tracing-wish.js'

type OtlpWish = Extract<TracingWish, { kind: 'on' }>

/** What the SDK has to say is an error packed as JSON, or a text. */
function wordsOf(text: string): string {
  try {
    const { message } = JSON.parse(text) as { readonly message?: unknown }
    return typeof message === 'string' ? message : text
  } catch {
    // A text that is no JSON is what it says.
    return text
  }
}

/** Says each trouble once: a collector that is away is away for every batch. */
function sayOnce(say: (line: string) => void): DiagLogger {
  const said = new Set<string>()
  const tell = (text: string): void => {
    const words = wordsOf(text)
    if (said.has(words) || said.size >= limits.noticesToldApartMax) return
    said.add(words)
    say(`traces: ${words}`)
  }
  const pass = (): void => undefined
  return { error: tell, warn: tell, info: pass, debug: pass, verbose: pass }
}

/**
 * Registers the SDK in this process, which reads the rest of the standard variables itself. It sends spans in the
 * background, and those that no collector takes are dropped. `stop` sends what is left, within a limit.
 */
export function startOtlpSdk(
  { protocol, exportTimeoutMs }: OtlpWish,
  say: (line: string) => void,
): { stop(): Promise<void> } {
  const logger = sayOnce(say)
  diag.setLogger(logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true })
  const config = exportTimeoutMs === undefined ? {} : { timeoutMillis: exportTimeoutMs }
  const exporter = protocol === 'http/json' ? new JsonExporter(config) : new ProtobufExporter(config)
  const provider = new NodeTracerProvider({
    resource: defaultResource()
      .merge(resourceFromAttributes({ 'service.name': 'covey' }))
      .merge(detectResources({ detectors: [envDetector] })),
    spanProcessors: [new BatchSpanProcessor(exporter)],
  })
  provider.register()
  return {
    async stop() {
      let timer: unknown
      const late = new Promise<void>((resolve) => {
        timer = systemClock.setTimeout(resolve, limits.tracesFlushMsMax)
      }).then(() => logger.warn(`no collector took the last spans within ${limits.tracesFlushMsMax} ms`))
      const flushed = provider.shutdown().catch((error: Error) => logger.error(error.message))
      await Promise.race([flushed, late])
      systemClock.clearTimeout(timer)
    },
  }
}
