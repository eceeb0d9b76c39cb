import { type Clock, delay, systemClock } from '@covey/transport'
import type { Client, SubmittedJob } from 'covey'
import { showProgress } from './progress-bar.js'
import type { Terminal } from './terminal.js'

/** How a job is followed. */
export interface FollowOptions {
  /** Gives up after this long; the job goes on. */
  readonly deadlineMs?: number
  /** Told after each look how many workflows have ended; the next look waits for it. */
  readonly onProgress?: (ended: number, total: number) => void | Promise<void>
  readonly clock?: Clock
}

const lookIntervalMs = 100

/**
 * Shows how many workflows of a job have ended until it has, and resolves with its final state. It looks from time to
 * time, so that a job that is over in a moment costs one question.
 */
export async function followJob(
  terminal: Terminal,
  client: Client,
  job: SubmittedJob,
  options: FollowOptions = {},
): Promise<string> {
  const { deadlineMs, onProgress, clock = systemClock } = options
  const bar = showProgress(terminal, job.id, clock)
  let over = false
  const state = job.ended(deadlineMs === undefined ? {} : { deadlineMs }).finally(() => {
    over = true
  })
  const look = async (): Promise<void> => {
    const { ended, total } = await client.summary(job.id)
    bar.update(ended, total)
    await onProgress?.(ended, total)
  }
  const lookOn = async (): Promise<void> => {
    while (!over) {
      await look()
      await Promise.race([state, delay(clock, lookIntervalMs)])
    }
    await look()
  }
  try {
    const [reached] = await Promise.all([state, lookOn()])
    return reached
  } finally {
    bar.stop()
  }
}
