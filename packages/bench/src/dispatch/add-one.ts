import { defineWorkflow } from 'covey'

/** The workflow that is dispatched: nothing but a result that tells right from wrong. */
export const addOne = defineWorkflow({
  name: 'add-one',
  version: '1',
  run: ({ input }: { readonly input: { readonly n: number } }) => ({ n: input.n + 1 }),
})

/** Slots of each of the two workers: more than is ever in flight, so that no credit is waited for. */
export const slotsPerWorker = 512
