import type { Terminal } from './terminal.js'

/** The user has asked the command to end before it was done. */
export class Interruption extends Error {
  override readonly name = 'Interruption'

  constructor() {
    super('interrupted')
  }
}

/** The wishes of a user who presses Ctrl-C: once to end, twice to end at once. */
export interface Interruptions {
  readonly first: AbortSignal
  readonly second: AbortSignal
  /** Lets the signals end the process by themselves again. */
  stop(): void
}

/** Listens for Ctrl-C and its like until stopped. */
export function listenForInterruptions(terminal: Terminal): Interruptions {
  const first = new AbortController()
  const second = new AbortController()
  const stop = terminal.onInterrupt(() => {
    const next = first.signal.aborted ? second : first
    next.abort(new Interruption())
  })
  return { first: first.signal, second: second.signal, stop }
}

/** Resolves when the signal aborts. */
export const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })

/** Waits for some work, or rejects with the signal's reason as soon as it aborts. */
export async function unlessAborted<Result>(signal: AbortSignal, work: Promise<Result>): Promise<Result> {
  const abortion = aborted(signal).then(() => {
    throw signal.reason
  })
  return Promise.race([work, abortion])
}

/** Waits for some work, or rejects with {@link Interruption} as soon as the user wants the command to end. */
export async function unlessInterrupted<Result>(terminal: Terminal, work: Promise<Result>): Promise<Result> {
  const interruptions = listenForInterruptions(terminal)
  try {
    return await unlessAborted(interruptions.first, work)
  } finally {
    interruptions.stop()
  }
}
