import { CoveyError } from '@covey/protocol'
import { type Clock, delay, systemClock } from '@covey/transport'
import type { Client, DeadlineOptions, JobSummary, SubmittedJob } from 'covey'
import { showProgress } from './progress-bar.js'
import type { Terminal } from './terminal.js'

/** How a job is followed. */
export interface FollowOptions {
  /** Gives up after this long; the job goes on. */
  readonly deadlineMs?: number
  /** Told after each look how many workflows have ended; the next look waits for it. */
  readonly onProgress?: (ended: number, total: number) => void | Promise<void>
  /** How long it waits between two looks, in milliseconds. Default: 100. */
  readonly lookIntervalMs?: number
  readonly clock?: Clock
}

const usualLookIntervalMs = 100
/** The end is known: how much of the job had ended by then is worth a moment, and no outage. */
const lastLookMs = 2_000

/** Nobody leads for now, or it has ended and is not kept any more: neither says how it ended, nor that it will not. */
export const saysNothingOfJob = (error: unknown): error is CoveyError =>
  error instanceof CoveyError && (error.retryable || error.code === 'expired' || error.code === 'not_found')

/** Asks how far a job is; where nobody can tell for now it says so once, and answers nothing. */
function lookingAt(terminal: Terminal, client: Pick<Client, 'summary'>, id: string) {
  let isTold = false
  return async (within?: DeadlineOptions): Promise<JobSummary | undefined> => {
    try {
      const summary = await client.summary(id, within)
      isTold = false
      return summary
    } catch (error) {
      if (!saysNothingOfJob(error)) throw error
      if (!isTold) terminal.say(`how far job ${id} is cannot be said for now: ${error.message}`)
      isTold = true
      return undefined
    }
  }
}

/**
 * Shows how many workflows of a job have ended until it has, and resolves with its final state. It looks from time to
 * time, so that a job that is over in a moment costs one question. How it ended is what `job.ended` says and nothing else:
 * a look that fails for now ends no waiting.
 */
export async function followJob(
  terminal: Terminal,
  client: Pick<Client, 'summary'>,
  job: Pick<SubmittedJob, 'id' | 'ended'>,
  options: FollowOptions = {},
): Promise<string> {
  const { deadlineMs, onProgress, lookIntervalMs = usualLookIntervalMs, clock = systemClock } = options
  const bar = showProgress(terminal, job.id, clock)
  const summarize = lookingAt(terminal, client, job.id)
  let isOver = false
  let letGo = (): void => undefined
  const state = job.ended(deadlineMs === undefined ? {} : { deadlineMs }).finally(() => {
    isOver = true
    letGo()
  })
  /** Waits for something, and not beyond the end of the job. */
  const unlessOver = <Value>(work: Promise<Value>): Promise<Value | undefined> =>
    new Promise((resolve, reject) => {
      letGo = () => resolve(undefined)
      if (isOver) letGo()
      work.then(resolve, reject)
    })
  const look = async (asked: Promise<JobSummary | undefined>): Promise<void> => {
    const summary = await asked
    if (summary === undefined) return
    bar.update(summary.ended, summary.total)
    await onProgress?.(summary.ended, summary.total)
  }
  const lookOn = async (): Promise<void> => {
    while (!isOver) {
      await look(unlessOver(summarize()))
      await unlessOver(delay(clock, lookIntervalMs))
    }
    await state
    await look(summarize({ deadlineMs: lastLookMs }))
  }
  try {
    const [reached] = await Promise.all([state, lookOn()])
    return reached
  } finally {
    bar.stop()
  }
}
