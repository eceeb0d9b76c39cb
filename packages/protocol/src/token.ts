import { CoveyError } from './errors.js'

/**
 * The fence of one execution attempt: where its assignment stands in its shard's log. Tokens of one workflow
 * strictly grow (invariant 1), because the log does (K26: two of one batch differ by their index).
 */
export interface Token {
  readonly streamEpoch: number
  readonly epoch: number
  readonly sequence: number
  readonly index: number
}

/** A token as it is written, `s.e.n.i`: what travels, what is stored and what people read. */
export type TokenText = string

const tokenPattern = /^\d{1,15}\.\d{1,15}\.\d{1,15}\.\d{1,6}$/

/** Says whether a text is a token, `s.e.n.i`. */
export const isToken = (text: string): boolean => tokenPattern.test(text)

/** Writes a token as `s.e.n.i`. */
export const formatToken = (token: Token): TokenText =>
  `${token.streamEpoch}.${token.epoch}.${token.sequence}.${token.index}`

const checked = (text: TokenText): TokenText => {
  if (isToken(text)) return text
  throw new CoveyError('invalid_token', `${JSON.stringify(text.slice(0, 80))} is not a token`, {
    address: text.slice(0, 80),
    mend: 'a token is written streamEpoch.epoch.sequence.index',
  })
}

/** Reads a token. Throws `invalid_token` when the text is not one. */
export function parseToken(text: TokenText): Token {
  const [streamEpoch = 0, epoch = 0, sequence = 0, index = 0] = checked(text).split('.').map(Number)
  return { streamEpoch, epoch, sequence, index }
}

/** Where the number that begins at `from` ends. */
const endOf = (text: TokenText, from: number): number => {
  const dot = text.indexOf('.', from)
  return dot < 0 ? text.length : dot
}

const numberIn = (text: TokenText, from: number, end: number): number => {
  let number = 0
  for (let at = from; at < end; at += 1) number = number * 10 + text.charCodeAt(at) - 48
  return number
}

/**
 * Orders tokens: negative when `left` is older, zero when they are the same, positive when it is newer. Every dispatch
 * passes here: numbers are read where they stand, and nothing is made of them. Throws `invalid_token`.
 */
export function compareTokens(left: TokenText, right: TokenText): number {
  if (left === right) return 0
  checked(left)
  checked(right)
  let [leftAt, rightAt, difference] = [0, 0, 0]
  while (difference === 0 && leftAt < left.length) {
    const [leftEnd, rightEnd] = [endOf(left, leftAt), endOf(right, rightAt)]
    difference = numberIn(left, leftAt, leftEnd) - numberIn(right, rightAt, rightEnd)
    leftAt = leftEnd + 1
    rightAt = rightEnd + 1
  }
  return difference
}
