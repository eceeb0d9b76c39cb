import type { ActorRow, Answers, PageQuestion, ServerAnswer, ServerNews } from '@covey/inspector'
import { type ClientOptions, WebSocket } from 'ws'

type Asked<Type extends PageQuestion['type']> = Omit<Extract<PageQuestion, { type: Type }>, 'id' | 'type'>
type NewsOf<Type extends ServerNews['type']> = Extract<ServerNews, { type: Type }>

/** What a browser's page does with its socket, without a browser. */
export class TestPage {
  readonly socket: WebSocket
  readonly news: ServerNews[] = []
  /** All actors, as they add up from the news. */
  readonly actors = new Map<string, ActorRow>()
  readonly #answers = new Map<number, (answer: ServerAnswer) => void>()
  #questions = 0

  constructor(socket: WebSocket) {
    this.socket = socket
    socket.on('message', (data) => this.#take(JSON.parse(String(data))))
  }

  /** Resolves with the page, or with the status by which it was refused. */
  static open(url: string, options: ClientOptions = {}): Promise<TestPage | number> {
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(url, options)
      const page = new TestPage(socket)
      socket.on('open', () => resolve(page))
      socket.on('unexpected-response', (request, { statusCode = 0 }) => {
        request.destroy()
        resolve(statusCode)
      })
      socket.on('error', reject)
    })
  }

  of<Type extends ServerNews['type']>(type: Type): NewsOf<Type>[] {
    return this.news.filter((news): news is NewsOf<Type> => news.type === type)
  }

  stateOf(actor: string): string | undefined {
    return [...this.actors.values()].find((row) => row.actor === actor)?.state
  }

  /** The answer, or the code and the message of the refusal as an error. */
  ask<Type extends PageQuestion['type']>(type: Type, asked: Asked<Type>): Promise<Answers[Type]> {
    this.#questions += 1
    const id = this.#questions
    this.socket.send(JSON.stringify({ id, type, ...asked }))
    return new Promise((resolve, reject) => {
      this.#answers.set(id, (answer) => {
        if (answer.type === 'answer') resolve(answer.answer as Answers[Type])
        else reject(Object.assign(new Error(answer.error.message), { code: answer.error.code }))
      })
    })
  }

  close(): void {
    this.socket.terminate()
  }

  #take(message: ServerNews | ServerAnswer): void {
    if (message.type === 'answer' || message.type === 'refusal') {
      this.#answers.get(message.id)?.(message)
      return
    }
    this.news.push(message)
    if (message.type !== 'actors') return
    if (message.full) this.actors.clear()
    for (const key of message.gone) this.actors.delete(key)
    for (const row of message.changed) this.actors.set(row.key, row)
  }
}
