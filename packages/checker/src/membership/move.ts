import type { Words } from '../words.js'
import { type Budget, budgetKinds } from './budgets.js'
import { allVoices } from './layout.js'

/** One thing that may happen, wherever what it was worked out from is found: what it changes, and what it is called. */
export interface Move {
  /** In words, where `{one}` is the observer, `{other}` its subject and `{third}` the voter. */
  readonly word: string
  readonly spends?: Budget
  /** The rule that this step breaks. */
  readonly broken?: string | undefined
  /** The process of the observer from now on, and that of the subject. */
  readonly own?: number
  readonly subject?: number
  /** How the observer sees the subject from now on. */
  readonly sight?: number
  /** What stays of the words of all voters against the subject: these bits. */
  readonly keeps?: number
  /** The word of this voter from now on. */
  readonly voice?: number
}

/** A move as it is walked: all of it numbers, -1 where it changes nothing. */
export interface Step {
  readonly word: number
  readonly spends: number
  readonly broken: string | undefined
  readonly own: number
  readonly subject: number
  readonly sight: number
  readonly keeps: number
  readonly voice: number
}

export const stepOf = (words: Words, { word, spends, broken, ...move }: Move): Step => ({
  word: words.id(word),
  spends: spends === undefined ? -1 : budgetKinds.indexOf(spends),
  broken,
  own: move.own ?? -1,
  subject: move.subject ?? -1,
  sight: move.sight ?? -1,
  keeps: move.keeps ?? allVoices,
  voice: move.voice ?? -1,
})
