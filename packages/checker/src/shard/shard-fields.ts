import type { Field } from '../model.js'
import type { WorkerName } from './mail.js'

/** Where the parts of a state are: the log, each manager, what clients know, what is left; then three parts for each worker. */
export class ShardPlaces {
  readonly log = 0
  readonly firstManager = 1
  readonly clients: number
  /** How workers have ended. */
  readonly facts: number
  /** What may still happen. */
  readonly left: number
  readonly firstWorker: number
  readonly managers: number
  readonly workers: number
  readonly fields: readonly Field[]

  constructor(workers: readonly WorkerName[], managers: number) {
    this.managers = managers
    this.workers = workers.length
    this.clients = this.firstManager + managers
    this.facts = this.clients + 1
    this.left = this.clients + 2
    this.firstWorker = this.clients + 3
    this.fields = [
      { name: 'log', bits: 14 },
      ...[...Array(managers).keys()].map((manager) => ({ name: `manager ${manager + 1}`, bits: 20 })),
      ...[
        { name: 'clients', bits: 8 },
        { name: 'facts', bits: 5 },
        { name: 'what may still happen', bits: 8 },
      ],
      ...workers.flatMap(({ worker }) => [
        { name: `${worker}`, bits: 14 },
        { name: `voice of ${worker}`, bits: 16 },
        { name: `mail to ${worker}`, bits: 16 },
      ]),
    ]
  }

  run(worker: number): number {
    return this.firstWorker + worker * ofWorker
  }

  voice(worker: number): number {
    return this.run(worker) + 1
  }

  mail(worker: number): number {
    return this.run(worker) + 2
  }
}

/** Fields of each worker: itself, what it has said, and what is under way to it. */
const ofWorker = 3

/** Puts some numbers of a state in ascending order: they are few. */
export function sortPart(state: Int32Array, from: number, end: number): void {
  for (let last = end - 1; last > from; last -= 1)
    for (let at = from; at < last; at += 1) {
      const [one, other] = [state[at] as number, state[at + 1] as number]
      if (one <= other) continue
      state[at] = other
      state[at + 1] = one
    }
}
