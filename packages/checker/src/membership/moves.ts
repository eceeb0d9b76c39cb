import { PairMap } from '../pair-map.js'
import type { Words } from '../words.js'
import type { Cluster } from './cluster.js'
import { voices } from './layout.js'
import { type Move, type Step, stepOf } from './move.js'
import { ProcessMoves } from './process-moves.js'
import { SubjectMoves } from './subject-moves.js'
import { roles, type Surroundings, voterBits } from './surroundings.js'
import { SuspicionMoves, type Voter } from './suspicion-moves.js'

/** What may happen, looked up by numbers: each is worked out once, when it is met first. */
export class Moves {
  readonly processes: ProcessMoves
  readonly #cluster: Cluster
  readonly #surroundings: Surroundings
  readonly #words: Words
  readonly #subjects: SubjectMoves
  readonly #suspicions: SuspicionMoves
  readonly #ofProcess: (readonly Step[])[] = []
  readonly #ofSubject = new PairMap<readonly Step[]>()
  readonly #ofSuspicion = new PairMap<readonly Step[]>()
  readonly #ofVoter = new PairMap<readonly Step[]>()

  constructor(cluster: Cluster, surroundings: Surroundings, words: Words) {
    this.#cluster = cluster
    this.#words = words
    this.#surroundings = surroundings
    this.processes = new ProcessMoves(cluster)
    this.#subjects = new SubjectMoves(cluster)
    this.#suspicions = new SuspicionMoves(cluster)
  }

  ofProcess(process: number): readonly Step[] {
    const known = this.#ofProcess[process]
    if (known !== undefined) return known
    const moves = this.processes.of(this.#cluster.processes.at(process))
    const steps = this.#stepsOf(moves.filter(({ own }) => own !== process))
    this.#ofProcess[process] = steps
    return steps
  }

  /** What comes of a sight and its subject; the observer has that role and stands by that. */
  ofSubject(sight: number, subject: number, role: number, stand: number): readonly Step[] {
    const { isVote } = this.#surroundings.stand(stand)
    const key = subject * 4 + ((role & roles.asks) === 0 ? 0 : 2) + (isVote ? 1 : 0)
    const known = this.#ofSubject.get(sight, key)
    if (known !== undefined) return known
    const { sights, processes } = this.#cluster
    const asker = { asks: (role & roles.asks) !== 0, suspects: isVote }
    const all = this.#subjects.of(sights.at(sight), processes.at(subject), asker)
    const steps = this.#stepsOf(all.filter((move) => changes(move, sight, subject)))
    this.#ofSubject.set(sight, key, steps)
    return steps
  }

  /** What comes of a sight and what others say of its subject. */
  ofSuspicion(sight: number, company: number, count: number, role: number, stand: number): readonly Step[] {
    const isActive = (role & roles.isActive) !== 0
    const key = ((stand * 2 + (isActive ? 1 : 0)) << (count * voterBits)) | company
    const known = this.#ofSuspicion.get(sight, key)
    if (known !== undefined) return known
    const suspicion = { sight: this.#cluster.sights.at(sight), voters: votersOf(company, count) }
    const moves = this.#suspicions.of(suspicion, isActive ? this.#surroundings.stand(stand) : undefined)
    const steps = this.#stepsOf(moves)
    this.#ofSuspicion.set(sight, key, steps)
    return steps
  }

  /** What comes of the word of the voter at that place, who stands by that. */
  ofVoter(sight: number, company: number, count: number, index: number, stand: number): readonly Step[] {
    const key = ((stand * 4 + index) << (count * voterBits)) | company
    const known = this.#ofVoter.get(sight, key)
    if (known !== undefined) return known
    const suspicion = { sight: this.#cluster.sights.at(sight), voters: votersOf(company, count) }
    const moves = this.#suspicions.ofVoter(suspicion, index, this.#surroundings.stand(stand))
    const steps = this.#stepsOf(moves)
    this.#ofVoter.set(sight, key, steps)
    return steps
  }

  #stepsOf(moves: readonly Move[]): readonly Step[] {
    return moves.map((move) => stepOf(this.#words, move))
  }
}

const votersOf = (company: number, count: number): readonly Voter[] =>
  [...Array(count).keys()].map((index) => {
    const bits = company >> (index * voterBits)
    return {
      isSeenActive: (bits & 1) !== 0,
      isHeld: ((bits >> 1) & voices.held) !== 0,
      stoodBy: ((bits >> 1) & voices.stoodBy) !== 0,
    }
  })

/** Whether it is more than staying as it is. */
const changes = (move: Move, sight: number, subject: number): boolean =>
  move.broken !== undefined ||
  (move.sight !== undefined && move.sight !== sight) ||
  (move.subject !== undefined && move.subject !== subject)
