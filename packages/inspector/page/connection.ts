import type { Answers, ServerAnswer, ServerNews } from '../src/page-protocol.js'
import type { BrowserClock } from './browser-clock.js'
import { openQuestions, type Question } from './open-questions.js'

const redialMinMs = 250
const redialMaxMs = 5_000

/** Whether the page hears its server. */
export interface LinkState {
  readonly type: 'connecting' | 'open' | 'lost'
  /** When the server said something last, in milliseconds since the epoch; 0 where it never did. */
  readonly heardAtMs: number
  /** When the page tries again. */
  readonly retryAtMs: number
}

/** A page's line to its server. */
export interface Connection {
  /** Rejects with a {@link Refusal}. */
  ask<Kind extends Question['type']>(question: Extract<Question, { type: Kind }>): Promise<Answers[Kind]>
  /** Tries at once where the next try would come later. */
  retry(): void
  close(): void
}

/** What the owner of a connection gives and hears. */
export interface ConnectionHost {
  readonly clock: BrowserClock
  /** Opens a socket to the server. */
  readonly dial: () => WebSocket
  readonly onNews: (news: ServerNews) => void
  readonly onLink: (state: LinkState) => void
}

/** Connects, and again after each loss, with waits that double up to 5 s. */
export function connectPage({ clock, dial, onNews, onLink }: ConnectionHost): Connection {
  const questions = openQuestions(clock)
  let socket: WebSocket
  let heardAtMs = 0
  let attempts = 0
  let isClosed = false
  let stopWaiting: () => void = () => undefined

  const hear = (word: ServerNews | ServerAnswer): void => {
    if (word.type === 'answer' || word.type === 'refusal') questions.settle(word)
    else onNews(word)
  }
  const onMessage = ({ data }: MessageEvent): void => {
    heardAtMs = clock.now()
    attempts = 0
    hear(JSON.parse(String(data)) as ServerNews | ServerAnswer)
    onLink({ type: 'open', heardAtMs, retryAtMs: 0 })
  }
  const onClose = (): void => {
    questions.loseAll()
    if (isClosed) return
    const capMs = Math.min(redialMaxMs, redialMinMs * 2 ** Math.min(attempts, 10))
    const waitMs = capMs / 2 + (clock.random() * capMs) / 2
    attempts += 1
    onLink({ type: 'lost', heardAtMs, retryAtMs: clock.now() + waitMs })
    stopWaiting = clock.after(waitMs, open)
  }
  const open = (): void => {
    onLink({ type: 'connecting', heardAtMs, retryAtMs: 0 })
    socket = dial()
    socket.addEventListener('message', onMessage)
    socket.addEventListener('close', onClose, { once: true })
  }
  open()
  return {
    ask: (question) => questions.ask(question, socket),
    retry: () => {
      if (socket.readyState === WebSocket.OPEN || socket.readyState === WebSocket.CONNECTING) return
      stopWaiting()
      open()
    },
    close: () => {
      isClosed = true
      stopWaiting()
      socket.close()
    },
  }
}
