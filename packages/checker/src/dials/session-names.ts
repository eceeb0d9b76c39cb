import type { ConnectionContext } from '@covey/machines'

/** The two nodes; the lower name keeps its session where both open one. */
export const sides = ['a', 'b'] as const
export type Side = 0 | 1
export const otherOf = (side: Side): Side => (side === 0 ? 1 : 0)

/** Which numbers of the sessions of a and of b are spoken of: a bit for each, those of b above those of a. */
export type Spoken = number

const numberMax = 14
const shiftOf = (side: Side): number => side * (numberMax + 1)

const read = (session: string): readonly [Side, number] => {
  const [seed = '', number] = session.split('.')
  return [seed === sides[0] ? 0 : 1, Number(number)]
}

/** @throws where more sessions are spoken of than there are bits for */
export function spokenOf(session: string): Spoken {
  if (session === '') return 0
  const [side, number] = read(session)
  if (number > numberMax) throw new Error(`Session ${session} is beyond the ${numberMax} that are told apart`)
  return 1 << (number + shiftOf(side))
}

/** All sessions of a side up to a number. */
export const allOf = (side: Side, number: number): Spoken => (2 ** (number + 1) - 2) << shiftOf(side)

/** How many numbers of a side below and including this one are spoken of: its new number. */
function rankOf(spoken: Spoken, side: Side, number: number): number {
  let rank = 0
  for (let bit = 1; bit <= number; bit += 1) rank += (spoken >>> (bit + shiftOf(side))) & 1
  return rank
}

/** The session under the number that is left for it when those that nobody speaks of are forgotten. */
export function renamed(session: string, spoken: Spoken): string {
  if (session === '') return session
  const [side, number] = read(session)
  return `${sides[side]}.${rankOf(spoken, side, number)}`
}

/** A context whose session has its new number, and which goes on to count from the last of its own. */
export const renamedContext = (context: ConnectionContext, spoken: Spoken): ConnectionContext => ({
  ...context,
  session: renamed(context.session, spoken),
  heard: renamed(context.heard, spoken),
  dials: rankOf(spoken, context.seed === sides[0] ? 0 : 1, numberMax),
})
