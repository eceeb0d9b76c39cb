import { ChurnMap } from '@covey/engine'
import { limits } from '@covey/protocol'
import { type Outgoing, outcomeOf } from './outgoing.js'
import type { JobRecord, WorkflowRecord } from './shard-state.js'

/**
 * Who asked to be told when a job or workflow ends. Hints only: they die with the term (K17), and beyond their limits
 * callers still find out by asking (K42).
 */
export class Pushes {
  readonly #inboxes = new ChurnMap<string, string[]>()
  readonly #outgoing: Outgoing

  constructor(outgoing: Outgoing) {
    this.#outgoing = outgoing
  }

  register(id: string, inbox: string): void {
    const known = this.#inboxes.get(id)
    if (known) {
      if (known.length < limits.pushInboxesPerIdMax && !known.includes(inbox)) known.push(inbox)
      return
    }
    // Some name what never ends or has ended: the oldest makes room, so that they cannot fill it for good.
    if (this.#inboxes.size >= limits.pushIdsMax) {
      const [oldest = ''] = this.#inboxes.keys()
      this.#inboxes.delete(oldest)
    }
    this.#inboxes.set(id, [inbox])
  }

  /** Tells those who asked for a workflow or job that has ended. */
  ended(record: WorkflowRecord | JobRecord): void {
    const inboxes = this.#inboxes.get(record.id)
    if (!inboxes) return
    this.#inboxes.delete(record.id)
    const outcome =
      record.kind === 'workflow'
        ? outcomeOf(record)
        : { id: record.id, state: record.snapshot.value, ended: true }
    for (const inbox of inboxes) this.#outgoing.push(inbox, outcome)
  }
}
