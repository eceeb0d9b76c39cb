import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { CoveyError } from '@covey/protocol'
import { HttpDoor, httpPort, say } from '@covey/transport'
import type { Exposition } from './exposition.js'
import { type HealthReading, healthOf, type Probe, unmade } from './health.js'
import type { MeasuredNode } from './node-reading.js'

/** Where the metrics of a node are served, and to whom. */
export interface MetricsOptions {
  /** 0 takes a free one. */
  readonly port: number
  /** The address to listen on. Default `127.0.0.1`; any other than loopback needs a token. */
  readonly host?: string
  /** What who asks must show, as `Authorization: Bearer` or `?token=`; at least 16 characters. */
  readonly token?: string
}

/** The metrics and the health of one node, served. */
export interface MetricsEndpoint {
  /** Where the metrics are; beside them are `/live`, `/ready`, `/startup` and `/debug/connections`. */
  readonly url: string
  /** What a node that is only being made waits for: probes tell it, until there is a node to show. */
  explain(waitsFor: string): void
  /** The node that is measured from now on. Before, it answers as one that starts. */
  show(node: MeasuredNode): void
  close(): Promise<void>
}

const what = 'the metrics endpoint'
const tokenBy = 'metrics.token of startNode or COVEY_METRICS_TOKEN of the command'
const portMax = 65_535
/** Sockets that are open at once: a few scrapers and probes. */
const connectionsMax = 64
const paths = '/metrics, /live, /ready, /startup and /debug/connections'

const probes: Readonly<Record<string, Probe>> = { '/live': 'live', '/ready': 'ready', '/startup': 'startup' }

function refuseValues({ port, host, token }: MetricsOptions): void {
  const refuse = (option: string, value: unknown, mend: string): never => {
    const shown = JSON.stringify(value)
    throw new CoveyError('invalid_options', `metrics.${option} is ${shown}: ${mend}`, {
      address: `metrics.${option}`,
    })
  }
  if (!Number.isInteger(port) || port < 0 || port > portMax)
    refuse('port', port, `a whole number from 0 to ${portMax}; 0 takes a free one`)
  if (host !== undefined && (typeof host !== 'string' || host === ''))
    refuse('host', host, 'the name or address of an interface of this machine')
  if (token !== undefined && typeof token !== 'string') refuse('token', '(hidden)', 'a text')
}

function urlOf(host: string, port: number): string {
  // What is bound to all addresses is reached from here by loopback.
  const shown = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
  return `http://${shown.includes(':') ? `[${shown}]` : shown}:${port}/metrics`
}

type Expose = (node: MeasuredNode) => Exposition

const debugPath = '/debug/connections'

/** Answers whoever may ask. */
class Answerer {
  readonly #door: HttpDoor
  readonly #expose: Expose
  #unmade: HealthReading = unmade
  #node: MeasuredNode | undefined
  #exposition: Exposition | undefined

  constructor(door: HttpDoor, expose: Expose) {
    this.#door = door
    this.#expose = expose
  }

  explain(waitsFor: string): void {
    this.#unmade = { ...unmade, waitsFor }
  }

  show(node: MeasuredNode): void {
    this.#node = node
    this.#exposition = this.#expose(node)
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader('Cache-Control', 'no-store')
    response.setHeader('X-Content-Type-Options', 'nosniff')
    const [path = ''] = (request.url ?? '').split('?')
    const probe = Object.hasOwn(probes, path) ? probes[path] : undefined
    const refusal = this.#door.refusalOf(request)
    if (refusal !== undefined) say(response, 403, refusal)
    else if (!this.#door.hasToken(request)) {
      response.setHeader('WWW-Authenticate', 'Bearer')
      say(response, 401, 'This needs the token.')
    } else if (probe === undefined && path !== '/metrics' && path !== debugPath)
      say(response, 404, `Here are ${paths}.`)
    else if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD')
      say(response, 405, 'Only GET is served here.')
    } else if (path === debugPath) this.#debug(response)
    else if (probe === undefined) await this.#scrape(response)
    else this.#probe(probe, response)
  }

  #debug(response: ServerResponse): void {
    const report = this.#node?.connections() ?? { connections: [], total: 0 }
    response.writeHead(200, { 'Content-Type': 'application/json' }).end(`${JSON.stringify(report)}\n`)
  }

  #probe(probe: Probe, response: ServerResponse): void {
    const health = healthOf(probe, this.#node?.read() ?? this.#unmade)
    response
      .writeHead(health.ok ? 200 : 503, { 'Content-Type': 'application/json' })
      .end(`${JSON.stringify(health)}\n`)
  }

  async #scrape(response: ServerResponse): Promise<void> {
    if (this.#exposition === undefined) {
      say(response, 503, 'The node is only starting.')
      return
    }
    const text = await this.#exposition.text()
    response.writeHead(200, { 'Content-Type': this.#exposition.contentType }).end(text)
  }
}

/**
 * Serves the metrics of a node and its answers to health probes. Rejects `invalid_options` for a port or host that is none,
 * that is taken, or where everybody would be let in from elsewhere. `onError` hears what goes wrong with its server later;
 * without it that is an uncaught error.
 */
export async function openMetrics(
  options: MetricsOptions,
  onError?: (error: Error) => void,
): Promise<MetricsEndpoint> {
  refuseValues(options)
  const { port, host = '127.0.0.1', token } = options
  const door = new HttpDoor({ what, host, tokenBy, ...(token === undefined ? {} : { token }) })
  // The library of Prometheus is loaded where it is wanted: most processes need none.
  const { expose } = await import('./exposition.js')
  const answerer = new Answerer(door, expose)
  const server = createServer((request, response) => {
    answerer.answer(request, response).catch((error: unknown) => {
      // Told to who asked: a scrape that fails is seen by who scrapes, and is no business of the node's work.
      if (!response.headersSent) say(response, 500, `The node could not be read: ${String(error)}`)
    })
  })
  server.maxConnections = connectionsMax
  return {
    url: urlOf(host, await httpPort(server, { what, host, port, ...(onError && { onError }) })),
    explain: (waitsFor) => answerer.explain(waitsFor),
    show: (node) => answerer.show(node),
    async close() {
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}
