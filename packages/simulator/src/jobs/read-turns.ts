import type { LogEvent } from '@covey/protocol'

/** Something that changes who waits for a worker, as the log has it. */
export type LoggedTurn =
  | { readonly kind: 'offered'; readonly job: string; readonly sequence: number; readonly timeMs: number }
  | {
      readonly kind: 'given'
      readonly workflow: string
      /** All that stands before this message had been folded by who gave it. */
      readonly knownTo: number
      readonly timeMs: number
    }
  /** A job, or one workflow, is to be cancelled. */
  | { readonly kind: 'stopped'; readonly id: string }

/** What is proposed before all that waits for the log, and so says nothing of what its leader knew of the rest. */
const overtakes: ReadonlySet<LogEvent['type']> = new Set(['cancel.requested', 'cancel.swept'])

/**
 * Who came and who went in the log of one shard, in its order and by its own time (K16). One append is under way at a time
 * and takes all that was proposed: what stands in a batch was proposed after the one before it was begun, by who had folded
 * all that stands before that one.
 */
export class ReadTurns {
  readonly all: LoggedTurn[] = []
  readonly #times: { readonly sequence: number; readonly timeMs: number }[] = []
  #knownTo = 0

  /** Who claims has folded all that stands before. */
  readClaim(sequence: number, elapsedMs: number): void {
    this.#pass(sequence, elapsedMs)
    this.#knownTo = sequence
  }

  readBatch(sequence: number, elapsedMs: number, events: readonly LogEvent[]): void {
    const timeMs = this.#pass(sequence, elapsedMs)
    for (const event of events) this.#readEvent(event, sequence, timeMs)
    const isOvertaking = events.length > 0 && events.every(({ type }) => overtakes.has(type))
    if (!isOvertaking) this.#knownTo = sequence
  }

  /** The log has lost what stands behind this message; who writes it next says by a claim how far it has folded. */
  goBack(sequence: number): void {
    while ((this.#times.at(-1)?.sequence ?? 0) > sequence) this.#times.pop()
    this.#knownTo = 0
  }

  /** The log's own time at a message. */
  timeAt(sequence: number): number {
    return this.#times.findLast((time) => time.sequence <= sequence)?.timeMs ?? 0
  }

  #readEvent(event: LogEvent, sequence: number, timeMs: number): void {
    if (event.type === 'job.submitted') this.all.push({ kind: 'offered', job: event.job, sequence, timeMs })
    else if (event.type === 'workflow.assigned')
      this.all.push({ kind: 'given', workflow: event.workflow, knownTo: this.#knownTo, timeMs })
    else if (event.type === 'cancel.requested') {
      const { job, steps } = event
      for (const id of steps?.map((step) => `${job}/${step}`) ?? [job]) this.all.push({ kind: 'stopped', id })
    }
  }

  #pass(sequence: number, elapsedMs: number): number {
    const timeMs = (this.#times.at(-1)?.timeMs ?? 0) + elapsedMs
    this.#times.push({ sequence, timeMs })
    return timeMs
  }
}
