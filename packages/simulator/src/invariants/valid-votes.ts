import type { HeardVote, WrittenCrash } from '../observed-links.js'
import type { SimulatedNode } from '../simulated-node.js'
import type { DefineInvariant } from './invariant.js'

/** From here on a node is too unwell to vote (P5). */
const sickFrom = 4
/** How old an answer may be at most: an asking ends with the longest timeout of one that is barely well. */
const votesMaxAgeMs = 1_000
/** How long a voter may have been no longer active when its answer is looked at. */
const wasActiveMs = 1_000

/** Invariants 16 and 17: who is counted was asked just before, stood by it, and was active, not suspect, and well. */
export const validVotes: DefineInvariant = ({ world, changed }) => {
  const lastActiveMs = new Map<string, number>()
  const runsOf = (voter: string, generation: number): SimulatedNode[] =>
    world.nodes.filter((node) => node.name === voter && node.generation === generation)

  function voteFault(vote: HeardVote | undefined, { atMs }: WrittenCrash): string | undefined {
    if (vote === undefined) return 'was not asked'
    const { suspected, state, health, askedAtMs, voter, generation } = vote
    if (!suspected) return 'did not stand by it'
    if (state !== 'active') return `was ${state}`
    if (health >= sickFrom) return `was unwell: ${health}`
    if (atMs - askedAtMs > votesMaxAgeMs) return `was asked ${Math.round(atMs - askedAtMs)} ms before`
    const untilMs = Math.max(...runsOf(voter, generation).map((run) => lastActiveMs.get(run.address) ?? 0))
    if (world.heap.now() - untilMs > wasActiveMs) return 'was active no more'
    return undefined
  }

  function crashFaults(writer: SimulatedNode, crash: WrittenCrash): string[] {
    const { subject, generation, votes, standing, heard } = crash
    const who = `${subject}.${generation}`
    const wrong = votes
      .filter((voter) => voter !== writer.name)
      .flatMap((voter) => {
        const fault = voteFault(
          heard.findLast((vote) => vote.voter === voter),
          crash,
        )
        return fault === undefined ? [] : [`${voter} ${fault}`]
      })
    if (standing.state !== 'active') wrong.push(`it was ${standing.state} itself`)
    return wrong.map((fault) => `${writer.address} gave ${who} up by its votes, of which ${fault}`)
  }

  return {
    name: 'valid-votes',
    look: () => {
      const nodes = changed()
      for (const { address, membership, isUp } of nodes) {
        if (isUp && membership.state() === 'active') lastActiveMs.set(address, world.heap.now())
      }
      return nodes.flatMap((node) =>
        node.passed.crashes.splice(0).flatMap((crash) => crashFaults(node, crash)),
      )
    },
  }
}
