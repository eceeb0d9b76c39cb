import { limits } from '@covey/protocol'

/** How spans can be sent. */
type OtlpProtocol = 'http/protobuf' | 'http/json'

/** What the standard variables of OpenTelemetry ask for; a timeout that they name is read by the SDK itself. */
export type TracingWish =
  | { readonly kind: 'off' }
  | { readonly kind: 'on'; readonly protocol: OtlpProtocol; readonly exportTimeoutMs: number | undefined }
  /** They ask for what is not there: `why` says which and what is. */
  | { readonly kind: 'unknown'; readonly why: string }

type Environment = Readonly<Record<string, string | undefined>>

const protocols: readonly string[] = ['http/protobuf', 'http/json'] satisfies OtlpProtocol[]

const endpoints = ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] as const
const timeouts = ['OTEL_EXPORTER_OTLP_TIMEOUT', 'OTEL_EXPORTER_OTLP_TRACES_TIMEOUT'] as const
const protocolNames = ['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', 'OTEL_EXPORTER_OTLP_PROTOCOL'] as const
/** Spans that the SDK keeps, and sends at once. By batches of none it would send for ever, and the process never end. */
const counts = ['OTEL_BSP_MAX_QUEUE_SIZE', 'OTEL_BSP_MAX_EXPORT_BATCH_SIZE'] as const

/**
 * Reads from the standard variables whether this process shall export spans: with an endpoint of OTLP or
 * `OTEL_TRACES_EXPORTER=otlp`, unless `OTEL_SDK_DISABLED=true` or `OTEL_TRACES_EXPORTER=none`. An empty one is not set.
 */
export function tracingWish(environment: Environment): TracingWish {
  const read = (name: string): string => environment[name]?.trim() ?? ''
  const exporter = read('OTEL_TRACES_EXPORTER')
  const isAsked = exporter !== '' || endpoints.some((name) => read(name) !== '')
  if (!isAsked || exporter === 'none' || read('OTEL_SDK_DISABLED').toLowerCase() === 'true') {
    return { kind: 'off' }
  }
  if (exporter !== '' && exporter !== 'otlp') {
    return { kind: 'unknown', why: `OTEL_TRACES_EXPORTER is ${exporter}: only otlp and none are known here` }
  }
  const name = protocolNames.find((candidate) => read(candidate) !== '')
  const protocol = name === undefined ? 'http/protobuf' : read(name)
  if (!protocols.includes(protocol)) {
    return { kind: 'unknown', why: `${name} is ${protocol}: only ${protocols.join(' and ')} are known here` }
  }
  const miscount = counts.find((candidate) => !/^([1-9]\d*)?$/.test(read(candidate)))
  if (miscount !== undefined) {
    return { kind: 'unknown', why: `${miscount} is ${read(miscount)}: it takes a whole number from 1` }
  }
  const isTimed = timeouts.some((candidate) => read(candidate) !== '')
  // Less than their 10 s: whoever ends a process should not wait for a collector that is away.
  const exportTimeoutMs = isTimed ? undefined : limits.tracesFlushMsMax
  return { kind: 'on', protocol: protocol as OtlpProtocol, exportTimeoutMs }
}
