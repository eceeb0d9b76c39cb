import type { Model } from '../model.js'
import type { WorkerName } from './mail.js'

/** The state when a manager leads, and knows the credits of the first worker of each name, from a first state. */
export function opened(
  model: Model,
  workers: readonly WorkerName[],
  first: readonly number[],
): readonly number[] {
  const names = workers
    .filter(({ generation }) => generation === 1)
    .map(({ worker, generation }) => `${worker}.${generation}`)
  const wanted = [
    ...['claims epoch 1', 'hears that it has won epoch 1', ...names.map((name) => `${name} starts`)],
    ...['has read the outbox', ...names.map((name) => `${name} hears: I lead now`)],
    ...names.map((name) => `takes: ${name} renews for epoch 1`),
  ]
  return wanted.reduce((state, text) => afterStep(model, state, text), first)
}

function afterStep(model: Model, state: readonly number[], text: string): readonly number[] {
  let next = new Int32Array(0)
  const found: Int32Array[] = []
  model.successors(Int32Array.from(state), {
    begin: () => {
      next = Int32Array.from(state)
      return next
    },
    reach: (action) => {
      if (model.actions.text(action).includes(text)) found.push(next)
    },
  })
  const [after] = found
  if (after === undefined) throw new Error(`it does not happen that one ${text}`)
  return [...after]
}
