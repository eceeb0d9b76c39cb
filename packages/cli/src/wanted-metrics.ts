import { CoveyError } from '@covey/protocol'
import type { MetricsOptions } from 'covey'
import type { Terminal } from './terminal.js'

/** What is said of the option `--metrics`, which two commands have. */
export const metricsAbout =
  '[HOST:]PORT to serve metrics and health on, or none (default: COVEY_METRICS, else none)'

/** What the variables of OpenTelemetry mean where they say no more. */
const standardPort = '9464'
const standardHost = 'localhost'
const loopback = '127.0.0.1'
const nowhere = 'none'

const written = (host: string, port: string | number): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`

function parsePlace(source: string, text: string): { readonly host?: string; readonly port: number } {
  const [, bracketed, plain, port] = /^(?:(?:\[([0-9a-fA-F:.]+)\]|([^\s:[\]]+)):)?(\d{1,5})$/.exec(text) ?? []
  const host = bracketed ?? plain
  // A port beyond all ports is refused by the node, which knows them.
  if (port !== undefined) return { port: Number(port), ...(host === undefined ? {} : { host }) }
  throw new CoveyError('invalid_options', `${source}: ${JSON.stringify(text)} is no port, nor HOST:PORT`, {
    address: source,
    mend: 'write it as 9464, or as 0.0.0.0:9464',
  })
}

/** Who has set these for other programs means this one too. */
function standardPlace({ environment }: Terminal): string | undefined {
  const { OTEL_METRICS_EXPORTER: exporter = '' } = environment
  const isWanted = exporter.split(',').some((name) => name.trim() === 'prometheus')
  if (!isWanted) return undefined
  const port = environment.OTEL_EXPORTER_PROMETHEUS_PORT || standardPort
  const named = environment.OTEL_EXPORTER_PROMETHEUS_HOST || standardHost
  const host = named === standardHost ? loopback : named
  return written(host, port)
}

/**
 * Where metrics are wanted, if they are: by the option, else by `COVEY_METRICS`, else by the variables of OpenTelemetry.
 * The token is in `COVEY_METRICS_TOKEN` only: what stands on a command line can be read by every user of the machine.
 * Throws `invalid_options`.
 */
export function wantedMetrics(terminal: Terminal, option: string | undefined): MetricsOptions | undefined {
  const { COVEY_METRICS: variable, COVEY_METRICS_TOKEN: token } = terminal.environment
  const sources = [
    ['--metrics', option],
    ['COVEY_METRICS', variable],
    ['OTEL_METRICS_EXPORTER', standardPlace(terminal)],
  ] as const
  for (const [source, text] of sources) {
    if (text === nowhere) return undefined
    // A variable that is empty is as good as none; an option has been written by somebody.
    if (text || (text !== undefined && text === option))
      return { ...parsePlace(source, text), ...(token ? { token } : {}) }
  }
  return undefined
}

/** The value of the option that says the same: `none` keeps what variables say from a process that is started. */
export function metricsPlace(metrics: MetricsOptions | undefined): string {
  if (metrics === undefined) return nowhere
  const { host = loopback, port } = metrics
  return written(host, port)
}
