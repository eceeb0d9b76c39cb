import { createSubjects, type Subjects } from '@covey/protocol'
import type { Payload } from '../bus.js'
import { FactsStore } from './facts-store.js'
import type { MemoryFaults } from './faults.js'
import { LogStore } from './log-store.js'

const startOf = (pattern: string): string => pattern.slice(0, -'>'.length)

/** The stores of one cluster. */
export class MemoryStores {
  readonly facts: FactsStore
  readonly outbox: FactsStore
  readonly objects: FactsStore
  readonly #subjects: Subjects
  readonly #factsStart: string
  readonly #agreedStart: string
  readonly #outboxStart: string
  readonly #objectsStart: string
  readonly #logsStart: string
  readonly #logs = new Map<number, LogStore>()
  readonly #newLog: (shard: number) => LogStore

  constructor(cluster: string, faults: MemoryFaults, now: () => number) {
    this.#subjects = createSubjects(cluster)
    this.#factsStart = startOf(this.#subjects.facts)
    this.#agreedStart = startOf(this.#subjects.agreedAll)
    this.#outboxStart = startOf(this.#subjects.outboxAll)
    this.#objectsStart = startOf(this.#subjects.objects)
    this.#logsStart = `covey.${cluster}.log.`
    this.facts = new FactsStore(() => faults.storeBytesMax.facts, now)
    this.outbox = new FactsStore(() => faults.storeBytesMax.outbox, now)
    this.objects = new FactsStore(() => faults.storeBytesMax.objects, now)
    this.#newLog = (shard) => new LogStore(cluster, shard, () => faults.storeBytesMax.log, now)
  }

  takesFact(subject: string): boolean {
    return subject.startsWith(this.#factsStart) || subject.startsWith(this.#agreedStart)
  }

  takesOutbox(subject: string): boolean {
    return subject.startsWith(this.#outboxStart)
  }

  takesObject(subject: string): boolean {
    return subject.startsWith(this.#objectsStart)
  }

  log(shard: number): LogStore {
    let log = this.#logs.get(shard)
    if (log === undefined) {
      log = this.#newLog(shard)
      this.#logs.set(shard, log)
    }
    return log
  }

  /** Subjects of all objects that are there now, oldest first. */
  objectNames(): readonly string[] {
    const facts = this.objects.list(this.#subjects.objects, Number.POSITIVE_INFINITY)
    return facts.map(({ subject }) => subject)
  }

  /** Keeps what the stores of work hold now: logs, words and objects. What that answers puts it back. */
  copyWork(): () => void {
    const copies = [...this.#logs.values(), this.outbox, this.objects].map((store) => store.copy())
    return () => {
      for (const putBack of copies) putBack()
    }
  }

  logName(shard: number): string {
    return this.#subjects.logStream(shard)
  }

  /** A plain message whose subject is one of a store's is stored by it, as a stream does (K20). */
  capture(subject: string, payload: Payload): void {
    if (this.takesFact(subject)) this.facts.create(subject, payload.data)
    else if (this.takesOutbox(subject)) this.outbox.create(subject, payload.data)
    else if (this.takesObject(subject)) this.objects.create(subject, payload.data)
    else if (subject.startsWith(this.#logsStart)) {
      for (const log of this.#logs.values()) log.capture(subject, payload.data)
    }
  }
}
