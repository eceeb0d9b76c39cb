import type { ErrorReport } from '@covey/protocol'
import type { PageQuestion, ServerAnswer } from '../src/page-protocol.js'
import type { BrowserClock } from './browser-clock.js'

/** Questions that may be open at once; a page that asks more has lost its server. */
const questionsMax = 64
const answerTimeoutMs = 15_000

/** What a page may ask, without the number that the connection gives it. */
export type Question = PageQuestion extends infer Each
  ? Each extends PageQuestion
    ? Omit<Each, 'id'>
    : never
  : never

/** The server has said no, or has said nothing. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly report: Pick<ErrorReport, 'message' | 'mend'> & { readonly code: string }

  constructor(report: Refusal['report']) {
    super(report.message)
    this.report = report
  }
}

const lost = new Refusal({
  code: 'unreachable',
  message: 'the page has lost its server',
  mend: 'it tries again by itself; see whether covey inspect still runs',
})
const late = new Refusal({
  code: 'deadline',
  message: 'the server has not answered in time',
  mend: 'try again',
})
const tooMany = new Refusal({
  code: 'overloaded',
  message: 'too many questions are open',
  mend: 'wait a moment',
})

interface Waiting {
  readonly resolve: (answer: never) => void
  readonly reject: (refusal: Refusal) => void
  readonly forget: () => void
}

/** The questions that wait for their answers. */
export interface OpenQuestions {
  /** Rejects with a {@link Refusal}. */
  ask(question: Question, socket: WebSocket): Promise<never>
  settle(answer: ServerAnswer): void
  /** The line is gone: nobody will answer. */
  loseAll(): void
}

/** Numbers questions and brings each answer to whoever asked. */
export function openQuestions(clock: BrowserClock): OpenQuestions {
  const waiting = new Map<number, Waiting>()
  let asked = 0
  return {
    ask: (question, socket) => {
      if (waiting.size >= questionsMax) return Promise.reject(tooMany)
      if (socket.readyState !== WebSocket.OPEN) return Promise.reject(lost)
      asked += 1
      const id = asked
      return new Promise((resolve, reject) => {
        const stop = clock.after(answerTimeoutMs, () => {
          waiting.delete(id)
          reject(late)
        })
        const forget = (): void => {
          stop()
          waiting.delete(id)
        }
        waiting.set(id, { resolve, reject, forget })
        socket.send(JSON.stringify({ ...question, id }))
      })
    },
    settle: (answer) => {
      const one = waiting.get(answer.id)
      one?.forget()
      if (answer.type === 'answer') one?.resolve(answer.answer as never)
      else one?.reject(new Refusal(answer.error))
    },
    loseAll: () => {
      for (const { reject, forget } of [...waiting.values()]) {
        forget()
        reject(lost)
      }
    },
  }
}
