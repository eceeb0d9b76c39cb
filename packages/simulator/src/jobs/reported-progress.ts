import type { AttemptInput } from '@covey/actors'
import type { RunPlace } from './executions.js'

/** More often than is sent: of several the newest counts. */
const reportEveryMs = 130

interface Report {
  readonly token: string
  readonly part: number
}

const isReport = (value: unknown): value is Report =>
  typeof value === 'object' && value !== null && 'token' in value && 'part' in value

/** Whether a report came as an attempt made it. */
export const isProgressOf = (value: unknown, token: string): value is Report =>
  isReport(value) && value.token === token && Number.isInteger(value.part)

/** Reports as functions do, from the beginning on until it is stopped. */
export function reportProgress({ clock }: RunPlace, attempt: AttemptInput): () => void {
  const { token } = attempt
  let timer: unknown
  const report = (part: number): void => {
    attempt.progress({ token, part } satisfies Report)
    timer = clock.setTimeout(() => report(part + 1), reportEveryMs)
  }
  report(0)
  return () => clock.clearTimeout(timer)
}
