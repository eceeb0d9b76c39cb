import { type DepartedFact, departedFact } from '@covey/protocol'
import type { SimulatedNode } from '../simulated-node.js'
import type { SimulatedWorld } from '../simulated-world.js'
import type { DefineInvariant } from './invariant.js'

/** P5: `q = min(3, floor((n + 1) / 2))`, at least one, of those who may vote. */
const quorumOf = (electorate: number): number => Math.max(1, Math.min(3, Math.floor((electorate + 1) / 2)))

function unfounded(world: SimulatedWorld, name: string, generation: number, fact: DepartedFact): string[] {
  const who = `${name}.${generation}`
  const { kind, by, evidence } = fact
  const isOwn = (node: SimulatedNode): boolean => node.name === name && node.generation === generation
  const own = world.nodes.some((node) => isOwn(node) && node.leaveCalledAtMs !== undefined)
  switch (kind) {
    case 'left':
      return by === name && own ? [] : [`${who} left by the word of ${by}, and nobody asked it to`]
    case 'superseded':
      return by === name ? [] : [`${who} was superseded by ${by}, another name`]
    case 'crashed': {
      if (!evidence) return [`${who} was given up by ${by} without evidence`]
      const { votes, electorate, quorum } = evidence
      const voters = new Set(votes)
      const needed = quorumOf(electorate.length)
      return [
        ...(quorum < needed ? [`${who}: a quorum of ${quorum} where ${needed} is needed`] : []),
        ...(voters.size < quorum ? [`${who}: ${voters.size} voters for a quorum of ${quorum}`] : []),
        ...[...voters]
          .filter((voter) => !electorate.includes(voter))
          .map((voter) => `${who}: ${voter} had no vote`),
        ...(voters.has(name) ? [`${who} voted for its own end`] : []),
      ]
    }
    default:
      return [`${who} was ${kind} by ${by}, and nobody asked for it`]
  }
}

/** Invariant 16: nobody departs without votes enough, or their own word. */
export const foundedDepartures: DefineInvariant = ({ world, takeFacts }) => ({
  name: 'founded-departures',
  look: () =>
    takeFacts().flatMap(({ node, generation, phase, data }) =>
      phase === 'departed' ? unfounded(world, node, generation, departedFact.decode(data)) : [],
    ),
})
