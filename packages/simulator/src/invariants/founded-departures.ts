import { type DepartedFact, departedFact, joinedFact } from '@covey/protocol'
import type { SimulatedNode } from '../simulated-node.js'
import type { DefineInvariant } from './invariant.js'

type CrashedFact = Pick<DepartedFact, 'by' | 'evidence'>

/** P5: `q = min(3, floor((n + 1) / 2))`, at least one, of those who may vote. */
const quorumOf = (electorate: number): number => Math.max(1, Math.min(3, Math.floor((electorate + 1) / 2)))

function crashFaults(name: string, { by, evidence }: CrashedFact): string[] {
  if (!evidence) return [`was given up by ${by} without evidence`]
  const { votes, electorate, quorum } = evidence
  const voters = new Set(votes)
  const needed = quorumOf(electorate.length)
  return [
    ...(quorum < needed ? [`a quorum of ${quorum} where ${needed} is needed`] : []),
    ...(voters.size < quorum ? [`${voters.size} voters for a quorum of ${quorum}`] : []),
    ...[...voters].filter((voter) => !electorate.includes(voter)).map((voter) => `${voter} had no vote`),
    ...(voters.has(name) ? ['voted for its own end'] : []),
  ]
}

/**
 * @param runs the processes of the name that have joined under the generation, or say so
 * @param isOrdered whether an operator has ever asked for the eviction of the name, and so for its return
 */
function endFaults(
  name: string,
  fact: DepartedFact,
  runs: readonly SimulatedNode[],
  isOrdered: boolean,
): string[] {
  const { kind, by, reason } = fact
  switch (kind) {
    case 'left':
      // An operator's word that it may join again, or a claim that is given back by who was put out meanwhile (ADR 42).
      if (isOrdered && (by === name || reason === 'readmitted')) return []
      // Asked to, or by itself: a claim is given back by who could not join in time (S4).
      return by === name &&
        runs.some(({ leaveCalledAtMs, end }) => leaveCalledAtMs !== undefined || end?.state === 'failed')
        ? []
        : [`left by the word of ${by}, and nobody asked it to`]
    case 'superseded':
      return by === name ? [] : [`was superseded by ${by}, another name`]
    case 'exited':
      // Its parent has seen it end: nothing less is believed without votes (K49).
      return runs.some(({ isDead }) => isDead) ? [] : [`exited by the word of ${by}, and no such run is over`]
    case 'crashed':
      return crashFaults(name, fact)
    default:
      return isOrdered ? [] : [`was ${kind} by ${by}, and nobody asked for it`]
  }
}

/** Invariant 16: nobody departs without votes enough, their own word, an operator's, or a parent that saw the end. */
export const foundedDepartures: DefineInvariant = ({ world, takeFacts, evictionsAsked }) => {
  const boots = new Map<string, string>()
  return {
    name: 'founded-departures',
    look: () =>
      takeFacts().flatMap(({ node: name, generation, phase, data }) => {
        const who = `${name}.${generation}`
        if (phase === 'joined') boots.set(who, joinedFact.decode(data).bootId)
        if (phase !== 'departed') return []
        const isRun = (node: SimulatedNode): boolean =>
          node.name === name && (node.generation === generation || node.membership.bootId === boots.get(who))
        const runs = world.nodes.filter(isRun)
        const isOrdered = evictionsAsked().has(name)
        return endFaults(name, departedFact.decode(data), runs, isOrdered).map((wrong) => `${who}: ${wrong}`)
      }),
  }
}
