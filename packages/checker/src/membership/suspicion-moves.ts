import type { Cluster } from './cluster.js'
import { voices } from './layout.js'
import type { Move } from './move.js'
import { peerEvents } from './peer-table.js'
import type { Sight } from './records.js'
import { isProbed, type Stand, silentMsOf, times } from './stands.js'

const unfounded =
  'nobody departs without enough valid votes, or a lease of silence where one is enough (invariant 16)'
/** Votes that are enough, by how many decide. */
const votesWanted = [1, 1, 1, 2, 2, 3]

/** A voter as an observer sees it. */
export interface Voter {
  readonly isSeenActive: boolean
  /** Its vote against the subject is held. */
  readonly isHeld: boolean
  /** It was asked once more, and stood by it. */
  readonly stoodBy: boolean
}

/** An observer's suspicion of a subject: all that it is made of but the votes. */
export interface Suspicion {
  readonly sight: Sight
  readonly voters: readonly Voter[]
}

/** What an observer does about its suspicion of a subject: it waits, counts, proposes, asks, decides. */
export class SuspicionMoves {
  readonly #cluster: Cluster

  constructor(cluster: Cluster) {
    this.#cluster = cluster
  }

  /** What comes of what the observer knows. `own` is what it stands by itself; undefined where it is not active. */
  of({ sight, voters }: Suspicion, own: Stand | undefined): readonly Move[] {
    if (sight.machine === 0) return []
    return [
      ...this.#passing(sight),
      ...this.#recounted('{one} counts the votes against {other}', sight, voters),
      ...(own === undefined ? [] : this.#proposing(sight)),
      ...(sight.proposed > 0 && !sight.isDecided ? [this.#deciding({ sight, voters }, own)] : []),
    ]
  }

  /** What comes of what one voter says, who stands by that. */
  ofVoter({ sight, voters }: Suspicion, index: number, stand: Stand): readonly Move[] {
    const voter = voters[index]
    const view = this.#cluster.viewOf(sight)
    if (voter === undefined || view === undefined) return []
    const { isHeld, stoodBy, isSeenActive } = voter
    const isOpen = view.value !== 'departed'
    const isStated = isOpen && stand.isVote && stand.generation === view.context.generation
    const isAsked = sight.proposed > 0 && !sight.isDecided && isHeld && isSeenActive && !stoodBy
    const standsBy = isAsked && stand.isEvidence && stand.generation === sight.proposed
    return [
      ...(isHeld || isStated ? [this.#heard({ sight, voters }, index)] : []),
      ...(standsBy
        ? [
            {
              word: '{one} hears {third} stand by its vote against {other}',
              voice: voices.held | voices.stoodBy,
            },
          ]
        : []),
    ]
  }

  /** Time goes by in which the subject gives no sign of life. */
  #passing(sight: Sight): readonly Move[] {
    const view = this.#cluster.viewOf(sight)
    if (view === undefined || !isProbed(view.value)) return []
    if (view.context.silentSinceMs === null || sight.silence === 2) return []
    const word =
      sight.silence === 0
        ? '{one} has waited the suspicion timeout for {other}'
        : '{one} has waited a lease for {other}'
    return [{ word, sight: this.#cluster.sights.id({ ...sight, silence: sight.silence + 1 }) }]
  }

  /** The statement of a voter, as it is now or withdrawn; also, it has run out. */
  #heard({ sight, voters }: Suspicion, index: number): Move {
    const { isHeld, stoodBy } = voters[index] as Voter
    const heard = voters.with(index, { ...(voters[index] as Voter), isHeld: !isHeld })
    const word = isHeld
      ? '{one} holds no statement of {third} any more against {other}'
      : '{one} hears the vote of {third} against {other}'
    const voice = (isHeld ? 0 : voices.held) | (stoodBy ? voices.stoodBy : 0)
    return { word, ...this.#recounted(word, sight, heard)[0], voice }
  }

  /** What a vote counts for changes with what is seen of the voter. */
  #recounted(word: string, sight: Sight, voters: readonly Voter[]): readonly Move[] {
    const view = this.#cluster.viewOf(sight)
    if (view === undefined || !isProbed(view.value)) return []
    const votes = voters.filter(({ isHeld, isSeenActive }) => isHeld && isSeenActive).length
    const { generation } = view.context
    if (votes === view.context.votes) return []
    const event = this.#cluster.peers.event(peerEvents.counted(generation, votes))
    const { sight: counted, broken } = this.#cluster.tellPeer(sight, event)
    return [{ word, broken, sight: this.#cluster.sights.id(counted) }]
  }

  /** The suspicion timeout rings. */
  #proposing(sight: Sight): readonly Move[] {
    const { peers, sights } = this.#cluster
    if (sight.proposed > 0) return []
    const proposes = (ring: number): boolean =>
      peers.text(ring).includes('suspicionMs') && peers.step(sight.machine, ring).plan.proposes
    return peers
      .rings(sight.machine)
      .filter(proposes)
      .map((ring) => {
        const { sight: told, broken } = this.#cluster.tellPeer(sight, ring)
        const proposed = peers.view(sight.machine).context.generation
        return { word: '{one} proposes to depart {other}', broken, sight: sights.id({ ...told, proposed }) }
      })
  }

  #deciding({ sight, voters }: Suspicion, own: Stand | undefined): Move {
    const view = this.#cluster.viewOf(sight)
    const dropped = (word: string): Move => ({
      word,
      sight: this.#cluster.sights.id({ ...sight, proposed: 0 }),
      keeps: voices.held,
    })
    if (own === undefined || view?.value !== 'suspect' || view.context.generation !== sight.proposed) {
      return dropped('{one} drops the proposal to depart {other}')
    }
    const isOwn = own.isEvidence && own.generation === sight.proposed
    const silentMs = silentMsOf(sight)
    if (!this.#judged(voters, isOwn, silentMs)) return dropped('{one} finds no quorum to depart {other}')
    return {
      word: '{one} decides to depart {other}',
      sight: this.#cluster.sights.id({ ...sight, isDecided: true }),
      keeps: voices.held,
      broken: isFounded(voters, isOwn, silentMs) ? undefined : unfounded,
    }
  }

  /** An answer may come twice: the rule hears each of them so. */
  #judged(voters: readonly Voter[], isOwn: boolean, silentMs: number): boolean {
    const names = voters.map((_, index) => `voter ${index}`)
    const answers = names.filter((_, index) => voters[index]?.stoodBy)
    const { departs } = this.#cluster.options.rules.judgeDeparture({
      ...times,
      electorate: ['own', ...names.filter((_, index) => voters[index]?.isSeenActive)],
      votes: [...(isOwn ? ['own'] : []), ...answers, ...answers],
      silentMs,
    })
    return departs
  }
}

/** Counted again, by nothing that the rule counts with. */
function isFounded(voters: readonly Voter[], isOwn: boolean, silentMs: number): boolean {
  const deciding = voters.filter(({ isSeenActive }) => isSeenActive)
  const votes = deciding.filter(({ stoodBy }) => stoodBy).length + (isOwn ? 1 : 0)
  const wanted = votesWanted[deciding.length + 1] ?? 3
  return votes >= wanted && (wanted > 1 || silentMs >= times.workerLeaseMs)
}
