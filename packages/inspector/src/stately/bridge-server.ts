import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { CoveyError } from '@covey/protocol'
import { HttpDoor, httpPort, say } from '@covey/transport'
import { type WebSocket, WebSocketServer } from 'ws'
import { refuseUpgrade } from '../page-server.js'
import { bridgeCss, bridgeHtml, bridgePolicy, bridgeScript } from './bridge-page.js'
import type { StatelyLimits } from './stately-limits.js'

/** What is served, and to whom. */
export interface BridgeServerOptions {
  /** 0 takes a free one. */
  readonly port: number
  /** The inspector that the page shows. */
  readonly inspectorUrl: string
  /** Pages beside our own that may read the stream. */
  readonly origins: readonly string[]
  readonly limits: StatelyLimits
  /** Inspectors that are connected. */
  readonly inspectors: () => number
  readonly onInspector: (socket: WebSocket) => void
}

/** A server that listens on loopback. */
export interface BridgeServer {
  readonly port: number
  close(): Promise<void>
}

const host = '127.0.0.1'
const what = 'the inspector'

function originOf(text: string): string {
  const origin = URL.canParse(text) ? new URL(text).origin : 'null'
  if (origin !== 'null') return origin
  const mend = 'write it as http://localhost:5173'
  throw new CoveyError('invalid_options', `${text} is not the origin of a page`, { address: text, mend })
}

/** Serves the page of the bridge on `/`, and its stream on every path. Rejects `invalid_options` where it cannot listen, or an origin is none. */
export async function startBridgeServer(options: BridgeServerOptions): Promise<BridgeServer> {
  const { port, inspectorUrl, limits, inspectors, onInspector } = options
  const door = new HttpDoor({ what, host, tokenBy: '--token' })
  const allowed = new Set(options.origins.map(originOf))
  const refusalOf = (request: IncomingMessage): string | undefined => {
    const { origin, ...headers } = request.headers
    const isAllowed = origin !== undefined && allowed.has(origin)
    return door.refusalOf({ headers: isAllowed ? headers : request.headers })
  }
  const files: Readonly<Record<string, readonly [type: string, text: string]>> = {
    '/': ['text/html', bridgeHtml(inspectorUrl)],
    '/bridge.css': ['text/css', bridgeCss],
    '/bridge.js': ['text/javascript', bridgeScript],
  }
  const serve = (request: IncomingMessage, response: ServerResponse): void => {
    const refusal = refusalOf(request)
    const file = files[request.url ?? '']
    if (refusal !== undefined) say(response, 403, refusal)
    else if (request.method !== 'GET' || file === undefined) say(response, 404, 'There is nothing here.')
    else response.writeHead(200, { 'Content-Type': `${file[0]}; charset=utf-8` }).end(file[1])
  }
  const server = createServer((request, response) => {
    response.setHeader('Content-Security-Policy', bridgePolicy(inspectorUrl))
    response.setHeader('X-Content-Type-Options', 'nosniff')
    response.setHeader('Cache-Control', 'no-store')
    serve(request, response)
  })
  const sockets = new WebSocketServer({
    ...{ noServer: true, maxPayload: limits.heardBytesMax, perMessageDeflate: false },
  })
  server.maxConnections = limits.connectionsMax
  server.on('upgrade', (request, socket, head) => {
    // One that goes away in the middle is no error of ours.
    socket.on('error', () => socket.destroy())
    if (refusalOf(request) !== undefined) refuseUpgrade(socket, 403)
    else if (inspectors() >= limits.inspectorsMax) refuseUpgrade(socket, 503)
    else sockets.handleUpgrade(request, socket, head, onInspector)
  })
  return {
    port: await httpPort(server, { what, host, port }),
    async close() {
      for (const socket of sockets.clients) socket.terminate()
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}
