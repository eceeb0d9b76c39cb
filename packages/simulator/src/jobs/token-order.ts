/** A claim by its numbers: of which leader a worker or a token is. The stream epoch counts before the epoch (K11). */
export interface ClaimNumbers {
  readonly streamEpoch: number
  readonly epoch: number
}

const numbersOf = (token: string): number[] => token.split('.').map(Number)

/** Which of two tokens is the newer one: by stream epoch, epoch, sequence, index, in this order. */
export function isNewer(one: string, other: string): boolean {
  const [left, right] = [numbersOf(one), numbersOf(other)]
  const at = left.findIndex((number, index) => number !== right[index])
  return at >= 0 && (left[at] ?? 0) > (right[at] ?? 0)
}

/** The claim under which a token was given. */
export function claimOf(token: string): ClaimNumbers {
  const [streamEpoch = 0, epoch = 0] = numbersOf(token)
  return { streamEpoch, epoch }
}

/** Whether a claim is of a later leader than another one. */
export const isLaterClaim = (one: ClaimNumbers, other: ClaimNumbers): boolean =>
  one.streamEpoch > other.streamEpoch || (one.streamEpoch === other.streamEpoch && one.epoch > other.epoch)
