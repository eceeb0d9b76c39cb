import {
  type Notice,
  type ReadWindow,
  readStatistics,
  type StatisticsWindow,
  WindowTotals,
} from '@covey/actors'
import {
  type AnswerOf,
  type Counted,
  CoveyError,
  compareTokens,
  limits,
  parseToken,
  type StatisticsMessage,
  splitWorkflowId,
  type TokenText,
} from '@covey/protocol'
import type { DeadlineOptions } from './client-contract.js'
import type { JobCommands } from './job-commands.js'

interface Running {
  readonly token: TokenText
  readonly number: number
  readonly windows: readonly ReadWindow[]
}

/**
 * What is known of the statistics of one job: the same whatever comes in whatever order, twice, or not at all, once all of
 * its workflows have ended.
 *
 * 1. Of a workflow that runs, what was sent last counts: of the newest attempt the highest number.
 * 2. Of one that has ended, what the log has counts, once, and nothing that was sent.
 * 3. Of what was told before a log lost entries nothing counts: it is asked for anew (K11).
 */
export class JobStatistics {
  readonly #notice: (notice: Notice) => void
  #ended = new WindowTotals()
  /** Under which it was told what has ended; 0 before anything was. */
  #streamEpoch = 0
  readonly #over = new Set<string>()
  /** By step, those that have sent nothing for longest first. */
  readonly #running = new Map<string, Running>()

  constructor(notice: (notice: Notice) => void) {
    this.#notice = notice
  }

  /** How many workflows have ended and are counted: after these the leader is asked. */
  get counted(): number {
    return this.#over.size
  }

  /** Takes what a running attempt has sent; answers whether it is news. Throws `invalid_message`. */
  takeSent({ workflow, token, number, value }: StatisticsMessage): boolean {
    const { step } = splitWorkflowId(workflow)
    const last = this.#running.get(step)
    const newer = last === undefined ? 1 : compareTokens(token, last.token) || number - last.number
    if (this.#over.has(step) || newer <= 0) return false
    const windows = readStatistics(value)
    this.#running.delete(step)
    this.#running.set(step, { token, number, windows })
    if (this.#running.size > limits.statisticsWorkflowsMax) {
      const [oldest = ''] = this.#running.keys()
      this.#running.delete(oldest)
    }
    return true
  }

  /** Lets go of what was told under a lower stream epoch than this; answers whether anything of it had ended. */
  forgetBefore(streamEpoch: number): boolean {
    if (streamEpoch <= this.#streamEpoch) return false
    this.#streamEpoch = streamEpoch
    for (const [step, { token }] of this.#running)
      if (parseToken(token).streamEpoch < streamEpoch) this.#running.delete(step)
    if (this.#over.size === 0) return false
    this.#over.clear()
    this.#ended = new WindowTotals()
    return true
  }

  /** Takes a page of what has ended; answers whether it held news. */
  takePage({ id, counted }: AnswerOf<'statistics'>): boolean {
    const news = counted.filter(({ step }) => !this.#over.has(step))
    for (const one of news) this.#end(id, one)
    return news.length > 0
  }

  /** Nothing of the job runs any more: what was sent, and did not come to an end that counts, is let go. */
  settle(): void {
    this.#running.clear()
  }

  windows(): readonly StatisticsWindow[] {
    if (this.#running.size === 0) return this.#ended.rows()
    const all = new WindowTotals()
    all.merge(this.#ended)
    for (const { token, windows } of this.#running.values()) all.add(token, windows)
    return all.rows()
  }

  #end(job: string, { step, token, value }: Counted): void {
    this.#over.add(step)
    this.#running.delete(step)
    try {
      this.#ended.add(token, readStatistics(value))
    } catch (error) {
      if (!(error instanceof CoveyError)) throw error
      this.#notice({ kind: 'defect', what: `the statistics of ${job}/${step} cannot be read`, error })
    }
  }
}

/**
 * Reads the pages that are not read yet, and answers with the state in which the job was at the last of them. Begins again
 * where the log has lost entries since the last one: what is behind what was read may not be what is missing.
 */
export async function readPages(
  statistics: JobStatistics,
  page: (after: number) => Promise<AnswerOf<'statistics'>>,
): Promise<{ readonly state: string; readonly isNews: boolean }> {
  for (let isNews = false; ; ) {
    const answer = await page(statistics.counted)
    const isAgain = statistics.forgetBefore(answer.streamEpoch ?? 1)
    const isMore = !isAgain && statistics.takePage(answer)
    isNews ||= isAgain || isMore
    if (isAgain) continue
    if (!isMore || statistics.counted >= answer.total) return { state: answer.state, isNews }
  }
}

/** What the workflows of a job that have ended counted. */
export async function statisticsOf(
  commands: JobCommands,
  job: string,
  options: DeadlineOptions | undefined,
  notice: (notice: Notice) => void,
): Promise<readonly StatisticsWindow[]> {
  const statistics = new JobStatistics(notice)
  const within = commands.time('statistics', options)
  await readPages(statistics, (after) => commands.statistics(job, after, within))
  return statistics.windows()
}
