import { existsSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { HttpDoor, type HttpDoorOptions, httpPort, say } from '@covey/transport'
import send from 'send'
import { type WebSocket, WebSocketServer } from 'ws'
import type { InspectorLimits } from './inspector-limits.js'

/** What a page may load, and from where: nothing but its own files and its own stream. */
const securityPolicy = [
  ...["default-src 'none'", "script-src 'self'", "style-src 'self' 'unsafe-inline'", "img-src 'self' data:"],
  ...["font-src 'self'", "connect-src 'self'", "worker-src 'self'", "manifest-src 'self'"],
  ...["base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"],
].join('; ')

const securityHeaders = {
  'Content-Security-Policy': securityPolicy,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cache-Control': 'no-store',
} as const

/** What is served, and to whom. */
export interface PageServerOptions extends Omit<HttpDoorOptions, 'what' | 'tokenBy'> {
  /** 0 takes a free one. */
  readonly port: number
  /** Where the built page is. */
  readonly folder: string
  readonly limits: InspectorLimits
  /** Pages that are connected. */
  readonly pages: () => number
  readonly onPage: (socket: WebSocket) => void
}

/** A server that listens. */
export interface PageServer {
  readonly port: number
  /** Whether there is a page to be served. */
  readonly isBuilt: boolean
  close(): Promise<void>
}

const livePath = '/live'
const what = 'the inspector'

const notBuilt = [
  'The inspector runs, but its page has not been built.',
  'In a checkout of Covey: npm run build',
].join('\n')

/** The files of the page, or a word on why there is none. */
function pageHandler(
  folder: string,
  isBuilt: boolean,
): (request: IncomingMessage, response: ServerResponse) => void {
  if (!isBuilt) return (_, response) => say(response, 503, notBuilt)
  return (request, response) => {
    const refuse = (): void => say(response, 404, 'There is nothing here.')
    // The cache is told in our own headers, and a file of the page is never read in parts.
    send(request, (request.url ?? '/').split('?')[0] ?? '/', {
      ...{ root: folder, cacheControl: false, acceptRanges: false },
    })
      // Also where a file has gone since: the page may be built anew while it is served.
      .on('error', refuse)
      .on('directory', refuse)
      .pipe(response)
  }
}

const statusTexts: Readonly<Record<number, string>> = {
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  503: 'Service Unavailable',
}

/** Refuses a socket. */
export function refuseUpgrade(socket: Duplex, status: number): void {
  socket.end(`HTTP/1.1 ${status} ${statusTexts[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}

/** Serves the page and its stream. Rejects `invalid_options` where it may not, or cannot, listen. */
export async function startPageServer(options: PageServerOptions): Promise<PageServer> {
  const { host, port, folder, limits, pages, onPage } = options
  const door = new HttpDoor({ ...options, what, tokenBy: '--token' })
  const isBuilt = existsSync(join(folder, 'index.html'))
  const servePage = pageHandler(folder, isBuilt)
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: limits.questionBytesMax,
    perMessageDeflate: false,
  })
  const server = createServer((request, response) => {
    for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value)
    const refusal = door.refusalOf(request)
    if (refusal !== undefined) say(response, 403, refusal)
    else if (request.method !== 'GET' && request.method !== 'HEAD')
      say(response, 405, 'Only GET is served here.')
    else servePage(request, response)
  })
  server.maxConnections = limits.connectionsMax
  const statusOf = (request: IncomingMessage): number | undefined => {
    if (door.refusalOf(request) !== undefined) return 403
    if (request.url?.split('?')[0] !== livePath) return 404
    if (!door.hasToken(request)) return 401
    return pages() >= limits.pagesMax ? 503 : undefined
  }
  server.on('upgrade', (request, socket, head) => {
    // One that goes away in the middle is no error of ours.
    socket.on('error', () => socket.destroy())
    const status = statusOf(request)
    if (status === undefined) sockets.handleUpgrade(request, socket, head, onPage)
    else refuseUpgrade(socket, status)
  })
  return {
    port: await httpPort(server, { what, host, port }),
    isBuilt,
    async close() {
      for (const socket of sockets.clients) socket.terminate()
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}
