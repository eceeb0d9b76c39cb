import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { PageQuestion, ServerNews } from '@covey/inspector'
import { type WebSocket, WebSocketServer } from 'ws'

const built = fileURLToPath(new URL('../../packages/inspector/dist/page', import.meta.url))
const types: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
}

/** Speaks to the page as the inspector does, with words that a test chooses: more actors than a test could start. */
export class ScriptedServer {
  readonly questions: PageQuestion[] = []
  /** What each question is answered with. */
  answer: ((question: PageQuestion) => unknown) | undefined
  readonly #greeting: readonly ServerNews[]
  readonly #sockets = new Set<WebSocket>()
  #server: Server | undefined
  #door: WebSocketServer | undefined
  #port = 0

  constructor(...greeting: ServerNews[]) {
    this.#greeting = greeting
  }

  /** Listens where it listened before, or on a free port; answers the address of the page. */
  async listen(): Promise<string> {
    const server = createServer((request, response) => {
      const path = request.url === '/' || request.url === undefined ? '/index.html' : request.url
      response.setHeader('Content-Type', types[extname(path)] ?? 'application/octet-stream')
      response.setHeader('Content-Security-Policy', "default-src 'self'; style-src 'self' 'unsafe-inline'")
      response.end(readFileSync(join(built, path)))
    })
    const door = new WebSocketServer({ server, path: '/live' })
    door.on('connection', (socket) => this.#greet(socket))
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve))
    this.#port = (server.address() as AddressInfo).port
    this.#server = server
    this.#door = door
    return `http://127.0.0.1:${this.#port}/`
  }

  tell(news: ServerNews): void {
    for (const socket of this.#sockets) socket.send(JSON.stringify(news))
  }

  /** Ends as a server does that is killed: every line breaks. */
  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.terminate()
    this.#sockets.clear()
    this.#door?.close()
    this.#server?.closeAllConnections()
    await new Promise((resolve) => this.#server?.close(resolve))
  }

  #greet(socket: WebSocket): void {
    this.#sockets.add(socket)
    for (const news of this.#greeting) socket.send(JSON.stringify(news))
    socket.on('message', (data) => {
      const question = JSON.parse(String(data)) as PageQuestion
      this.questions.push(question)
      const { id } = question
      const error = { code: 'not_found', message: 'nobody knows' }
      const answer = this.answer?.(question)
      socket.send(
        JSON.stringify(
          answer === undefined ? { type: 'refusal', id, error } : { type: 'answer', id, answer },
        ),
      )
    })
  }
}
