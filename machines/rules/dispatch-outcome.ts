import type { Report } from '@covey/protocol'

/**
 * Refusals that tell of a worker what its renewals tell as well: it leaves, it has lost its lease, or the leader's picture
 * of its credits was an old one. They say nothing of whether it takes what it offers.
 */
const stateRefusals: readonly string[] = ['draining', 'fenced', 'credit']

/**
 * What the first word on an attempt says of the worker that got it: `true` that it takes its work, whatever became of that,
 * `false` that it does not, `undefined` neither.
 */
export function takesWork(word: Pick<Report, 'kind'> & { readonly reason?: string }): boolean | undefined {
  if (word.kind === 'burnt') return undefined
  if (word.kind !== 'refused') return true
  return stateRefusals.includes(word.reason ?? '') ? undefined : false
}
