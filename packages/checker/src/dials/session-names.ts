import type { ConnectionContext } from '@covey/machines'

/** The two nodes; the lower name keeps its session where both open one. */
export const sides = ['a', 'b'] as const
export type Side = 0 | 1

/** Which numbers of the sessions of a and of b are spoken of, a bit for each. */
export type Spoken = readonly [number, number]

const read = (session: string): readonly [Side, number] => {
  const [seed = '', number] = session.split('.')
  return [seed === sides[0] ? 0 : 1, Number(number)]
}

export function spokenOf(session: string): Spoken {
  if (session === '') return [0, 0]
  const [side, number] = read(session)
  return side === 0 ? [1 << number, 0] : [0, 1 << number]
}

/** How many numbers below and including this one are spoken of: its new number. */
const rankOf = (spoken: number, number: number): number => {
  let rank = 0
  for (let bit = 1; bit <= number; bit += 1) rank += (spoken >>> bit) & 1
  return rank
}

/** The session under the number that is left for it when those that nobody speaks of are forgotten. */
export function renamed(session: string, spoken: Spoken): string {
  if (session === '') return session
  const [side, number] = read(session)
  return `${sides[side]}.${rankOf(spoken[side], number)}`
}

/** A context whose session has its new number, and which goes on to count from the last of its own. */
export const renamedContext = (context: ConnectionContext, spoken: Spoken): ConnectionContext => ({
  ...context,
  session: renamed(context.session, spoken),
  heard: renamed(context.heard, spoken),
  dials: rankOf(spoken[context.seed === sides[0] ? 0 : 1], 31),
})
