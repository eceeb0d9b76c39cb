import type { Field } from '../model.js'
import type { WorkerName } from './mail.js'

/** Fields of each worker: itself, what it has said, and what is under way to it. */
export const ofWorker = 3

/** The parts of a state, in their order. */
export function fieldsOf(workers: readonly WorkerName[], managers: number): Field[] {
  return [
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
