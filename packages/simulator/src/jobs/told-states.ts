import type { FoldedActorTransition, ManagerPart } from '@covey/actors'
import type { SimulatedNode } from '../simulated-node.js'
import { jobOf } from './job-of.js'

/** A leader says of a chart that it went from one state to another, or where it stands (`from` is empty). */
export interface ToldState {
  readonly leader: SimulatedNode
  readonly kind: 'workflow' | 'job'
  readonly actor: string
  readonly from: string
  readonly event: string
  readonly to: string
  readonly shard: number
  /** The place in the log that brought it there: `sequence.index`. */
  readonly at: string
}

const endStates: ReadonlySet<string> = new Set(['completed', 'failed', 'cancelled', 'skipped'])
/** Whether nothing may happen any more to what is in this state. */
export const isEndState = (state: string): boolean => endStates.has(state)

/** Where a workflow has ended, as a leader said first. */
export interface ToldEnd {
  readonly state: string
  readonly atMs: number
  /** The place in the log that ended it. */
  readonly at: string
}

/** Where a leader has let go of a job that had ended, as it said first. */
export interface ToldGone {
  readonly atMs: number
  readonly at: string
}

/** Whether a place of the log, `sequence.index`, stands after another. */
export function isAfter(one: string, other: string): boolean {
  const [sequence = 0, index = 0] = one.split('.').map(Number)
  const [otherSequence = 0, otherIndex = 0] = other.split('.').map(Number)
  return sequence > otherSequence || (sequence === otherSequence && index > otherIndex)
}

/** What those who lead say of workflows and jobs. */
export class ToldStates {
  /** All that was told, in order. */
  readonly all: ToldState[] = []
  /** By id of workflow and of job. */
  readonly ends = new Map<string, ToldEnd>()
  /** By id of job. */
  readonly gone = new Map<string, ToldGone>()
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
  }

  /** The log has lost entries that spoke of these jobs, all behind `sequence`: how far they have come is open again (K11). */
  reopen(jobs: ReadonlySet<string>, sequence: number): void {
    for (const id of this.ends.keys()) if (jobs.has(jobOf(id))) this.ends.delete(id)
    for (const [job, { at }] of this.gone)
      if (jobs.has(job) && isAfter(at, `${sequence + 1}.-1`)) this.gone.delete(job)
  }

  /** Listens to a manager that has just been opened. */
  listen(part: ManagerPart, leader: SimulatedNode): void {
    part.folded.onTransition((told) => this.#take(leader, told))
  }

  /** Takes over where everything of a shard stands, as a leader has it that has just begun. */
  takeOver(part: ManagerPart, leader: SimulatedNode, shard: number): void {
    for (const chart of part.folded.states()) {
      if (chart.at.shard === shard) this.#take(leader, { ...chart, from: '', event: '' })
    }
  }

  #take(leader: SimulatedNode, told: Omit<FoldedActorTransition, 'elapsedMs'>): void {
    const { kind, actor, from, event, state, at } = told
    const { shard, sequence, index } = at
    const place = `${sequence}.${index}`
    // That a chart is kept no more is no move of it.
    if (state !== '') this.#note({ leader, kind, actor, from, event, to: state, shard, at: place })
    else if (kind === 'job' && !this.gone.has(actor)) this.gone.set(actor, { atMs: this.#now(), at: place })
  }

  #note(told: ToldState): void {
    this.all.push(told)
    if (isEndState(told.to) && !this.ends.has(told.actor)) {
      this.ends.set(told.actor, { state: told.to, atMs: this.#now(), at: told.at })
    }
  }
}
