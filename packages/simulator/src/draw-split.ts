import { brokerServers } from '@covey/transport'
import type { Chance } from './chance.js'
import type { FaultOf } from './fault.js'

type Links = FaultOf<'split'>['severed']

const bothWays = (pairs: Links): Links =>
  pairs.flatMap(
    ([one, other]) =>
      [
        [one, other],
        [other, one],
      ] as Links,
  )

const between = (some: readonly number[], others: readonly number[]): Links =>
  some.flatMap((one) => others.map((other): Links[number] => [one, other]))

/** How five servers can lose each other; they are numbered from 0, and their names are drawn. */
const shapes: Record<string, (chance: Chance) => Links> = {
  /** Two that hear each other and none of the rest. */
  minority: () => bothWays(between([0, 1], [2, 3, 4])),
  /** Two halves that hear the one between them and not each other: each has a majority with it. */
  bridge: () => bothWays(between([0, 1], [3, 4])),
  /** Each hears its two neighbours: five majorities, no two alike. */
  ring: () => [0, 1, 2, 3, 4].flatMap((one) => between([one], [(one + 2) % 5, (one + 3) % 5])),
  /** One hears all and is heard by nobody. */
  mute: () => between([0], [1, 2, 3, 4]),
  /** One is heard by all and hears nobody. */
  deaf: () => between([1, 2, 3, 4], [0]),
  /** Any links, in any direction. */
  torn: (chance) =>
    between([0, 1, 2, 3, 4], [0, 1, 2, 3, 4]).filter(([from, to]) => from !== to && chance.hits(0.3)),
}

/** Draws which servers of the broker do not hear which. */
export function drawSplit(chance: Chance): Links {
  const left = Array.from({ length: brokerServers }, (_, server) => server)
  const drawn: number[] = []
  while (left.length > 0) drawn.push(...left.splice(Math.floor(chance.between(0, left.length)), 1))
  const shape = chance.pick(Object.values(shapes))
  return shape(chance).map(([from, to]) => [drawn[from] ?? 0, drawn[to] ?? 0])
}
