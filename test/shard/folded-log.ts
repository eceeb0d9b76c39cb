import { applyEntry, emptyShard, type FoldedTransition, type ShardState } from '@covey/actors'
import {
  batchMessage,
  claimMessage,
  createSubjects,
  defaultRetention,
  type LogEvent,
  packValue,
  type Retention,
  type Step,
} from '@covey/protocol'
import type { LogEntry } from '@covey/transport'
import { testPolicy } from './scripted-worker.js'

const subjects = createSubjects('test')

/** A log written by hand and its fold, so that a test reads like the log it is about. */
export class FoldedLog {
  readonly state: ShardState = emptyShard(0, 1)
  readonly entries: LogEntry[] = []
  readonly transitions: FoldedTransition[] = []
  /** What the claims say is to be kept of ended jobs. */
  retention: Retention = defaultRetention
  #number = 0

  constructor() {
    this.state.listeners.add((transition) => this.transitions.push(transition))
    this.claim(1)
  }

  /** Appends the claim of an epoch. */
  claim(epoch: number, elapsedMs = 0): void {
    const claim = {
      streamEpoch: 1,
      epoch,
      leader: 'm1',
      generation: 1,
      bootId: 'boot',
      attempt: 1,
      foldVersion: 1,
      retention: this.retention,
      elapsedMs,
    }
    this.#append(subjects.claim(0, epoch), claimMessage.encode(claim))
  }

  /** Appends one batch; returns its sequence. */
  batch(events: LogEvent[], elapsedMs = 0): number {
    this.#number += 1
    const { streamEpoch, epoch } = this.state
    const batch = { streamEpoch, epoch, bootId: 'boot', number: this.#number, elapsedMs, events }
    return this.#append(subjects.batch(0), batchMessage.encode(batch))
  }

  /** Submits a job of one chunk. */
  submit(job: string, workflows: Step[]): void {
    this.batch([{ type: 'job.submitted', job, digest: job, chunk: { index: 0, count: 1 }, workflows }])
  }

  /** Assigns a workflow; returns the token. */
  assign(workflow: string, worker = 'w1', policy: Partial<typeof testPolicy> = {}, generation = 1): string {
    const event = { workflow, worker, generation, credits: [1], policy: { ...testPolicy, ...policy } }
    const sequence = this.batch([{ type: 'workflow.assigned', ...event }])
    return `1.${this.state.epoch}.${sequence}.0`
  }

  stateOf(workflow: string): string | undefined {
    return this.state.workflows.get(workflow)?.snapshot.value
  }

  /** Folds the same log again, from its bytes. */
  again(): FoldedLog {
    const other = new FoldedLog()
    for (const entry of this.entries.slice(1)) {
      other.entries.push(entry)
      applyEntry(other.state, subjects, entry)
    }
    return other
  }

  /** What a fold of the first entries gives. */
  foldedTo(count: number): ShardState {
    const state = emptyShard(0, 1)
    for (const entry of this.entries.slice(0, count)) applyEntry(state, subjects, entry)
    return state
  }

  /** Folds the entries behind the first ones. */
  foldOn(state: ShardState, from: number): void {
    for (const entry of this.entries.slice(from)) applyEntry(state, subjects, entry)
  }

  #append(subject: string, data: Uint8Array): number {
    const entry = { subject, data, sequence: this.state.sequence + 1 }
    this.entries.push(entry)
    applyEntry(this.state, subjects, entry)
    return entry.sequence
  }
}

/** A step that runs `work`. */
export const work = (step: string, after: string[] = []): Step => ({
  step,
  name: 'work',
  input: packValue(step),
  after,
})
