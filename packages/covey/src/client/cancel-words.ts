import { type Answer, CoveyError, limits } from '@covey/protocol'
import type { CancelCounts, CancelOptions } from './client-contract.js'

/** What a cancel takes in a frame, at most: a text of a person takes up to three bytes for each character. */
export const cancelBytes = 1_024 + limits.stopReasonTextMax * 3

/** Checks a text that people read. Throws `too_large`, or `invalid_options` for what is no text. */
export function checkedText(what: string, text: string, max: number): string {
  if (typeof text !== 'string') throw new CoveyError('invalid_options', `the ${what} is no text`)
  if (text.length <= max) return text
  throw new CoveyError('too_large', `the ${what} has ${text.length} characters, the limit is ${max}`)
}

/** Why something is to be stopped and who says so, in the words that what is stopped is told. Throws as `checkedText`. */
export function stopReason({ reason = '', by }: CancelOptions, name?: string): string {
  const why = checkedText('reason', reason, limits.reasonTextMax)
  const who = by === undefined ? name : checkedText('name of who cancels', by, limits.nameTextMax)
  if (who === undefined || who === '') return why
  return why === '' ? `by ${who}` : `${why} (by ${who})`
}

/** What all shards of a cluster answered to a cancel by filter. Throws the error of the first where none did. */
export function sumOf(answers: readonly PromiseSettledResult<Answer>[]): CancelCounts {
  const shards: { shard: number; sequence: number }[] = []
  const unheard: { shard: number; error: CoveyError }[] = []
  const counts = { jobs: 0, cancelled: 0, cancelling: 0, already: 0 }
  answers.forEach((answer, shard) => {
    if (answer.status === 'rejected') unheard.push({ shard, error: answer.reason })
    else if (answer.value.type === 'swept') {
      shards.push({ shard, sequence: answer.value.sequence })
      for (const key of Object.keys(counts) as (keyof typeof counts)[]) counts[key] += answer.value[key]
    }
  })
  const [first] = unheard
  if (shards.length === 0 && first !== undefined) throw first.error
  return { ...counts, shards, unheard }
}
