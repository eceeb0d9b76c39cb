import { isSick } from '@covey/machines'
import { limits, type VoteMessage } from '@covey/protocol'
import type { Target } from './probe.js'

/** A generation that is suspected, under the incarnation that the observer knew of. */
interface Suspect extends Target {
  readonly incarnation: number
}

interface Statement {
  readonly generation: number
  number: number
  validUntilMs: number
  /** Whom it names, as it was said; undefined where something of it holds no more. */
  readonly named: VoteMessage['suspects'] | undefined
  /** By {@link keyOf}. */
  readonly suspects: ReadonlyMap<string, Suspect>
}

/** What one observer says of one subject: under which generation of its own, and which incarnation of the subject. */
interface Voice {
  readonly generation: number
  readonly incarnation: number
}

/** Who names one subject. */
interface Voices {
  readonly subject: Target
  readonly byObserver: Map<string, Voice>
}

/** A generation of a node as the key of a map. */
export const keyOf = ({ nodeId, generation }: Target): string => `${nodeId}.${generation}`

/** Whether a statement names whom the last one has named: most do, while a suspicion lasts. */
const isRepeated = (last: Statement, generation: number, named: VoteMessage['suspects']): boolean =>
  last.generation === generation &&
  last.named?.length === named.length &&
  last.named.every((suspect, place) => {
    const its = named[place]
    return (
      its?.node === suspect.node &&
      its.generation === suspect.generation &&
      its.incarnation === suspect.incarnation
    )
  })

const noSuspects: ReadonlyMap<string, Suspect> = new Map()

/**
 * What other observers say they suspect: one numbered statement of each, which is its whole list and holds for two probe
 * periods (K32, K33). A vote is withdrawn by being missing from the next statement, or by there being none.
 */
export class VoteLedger {
  readonly #statements = new Map<string, Statement>()
  /** The same by whom they name, so that a count looks at nothing else. */
  readonly #voices = new Map<string, Voices>()

  /**
   * Takes a statement in, in place of the observer's last one; an older one than held is dropped. Answers of whom it says
   * anything else than that did.
   */
  take(observer: string, vote: VoteMessage, validUntilMs: number): Target[] {
    const held = this.#statements.get(observer)
    const isOlder =
      held !== undefined &&
      (vote.generation < held.generation ||
        (vote.generation === held.generation && vote.number <= held.number))
    if (isOlder) return []
    // The sick have no vote (invariant 17); their statement still replaces what they said while well.
    const named = isSick(vote.health) ? [] : vote.suspects
    if (held !== undefined && isRepeated(held, vote.generation, named)) {
      held.number = vote.number
      held.validUntilMs = validUntilMs
      return []
    }
    const suspects = new Map<string, Suspect>()
    for (const { node, generation, incarnation } of named) {
      const suspect = { nodeId: node, generation, incarnation }
      suspects.set(keyOf(suspect), suspect)
    }
    const { generation, number } = vote
    if (held === undefined && this.#statements.size >= limits.membersMax) return []
    // One that names nobody is kept as long: what it has withdrawn may arrive after it.
    return this.#put(observer, { generation, number, validUntilMs, named, suspects })
  }

  /** Drops what has run out. */
  expire(nowMs: number): void {
    for (const [observer, statement] of this.#statements) {
      if (statement.validUntilMs > nowMs) continue
      for (const key of statement.suspects.keys()) this.#silence(key, observer)
      this.#statements.delete(observer)
    }
  }

  /** Whether nobody suspects anybody. */
  get isSilent(): boolean {
    return this.#voices.size === 0
  }

  /** Everybody whom somebody suspects. */
  subjects(): Target[] {
    return [...this.#voices.values()].map(({ subject }) => subject)
  }

  /** Drops what was said about one subject: it has shown that it lives (O10). */
  forget(subject: Target): void {
    const key = keyOf(subject)
    for (const observer of this.#voices.get(key)?.byObserver.keys() ?? []) {
      const statement = this.#statements.get(observer)
      if (statement === undefined) continue
      const suspects = new Map(statement.suspects)
      suspects.delete(key)
      this.#put(observer, { ...statement, named: undefined, suspects })
    }
  }

  /**
   * Who suspects a subject now, by statements of the generations that `isVoter` vouches for; those that it has refuted
   * since, by a greater incarnation, do not count (O8).
   */
  votersOf(subject: Suspect, isVoter: (observer: Target) => boolean): string[] {
    const voters: string[] = []
    for (const [nodeId, { generation, incarnation }] of this.#voices.get(keyOf(subject))?.byObserver ?? []) {
      if (nodeId === subject.nodeId || incarnation < subject.incarnation) continue
      if (isVoter({ nodeId, generation })) voters.push(nodeId)
    }
    return voters
  }

  /** Puts a statement in place of the last one of an observer. Answers of whom it says anything else than that did. */
  #put(observer: string, statement: Statement): Target[] {
    const before = this.#statements.get(observer)?.suspects ?? noSuspects
    const { generation, suspects } = statement
    this.#statements.set(observer, statement)
    const concerned: Target[] = []
    for (const [key, subject] of suspects) {
      const voice = { generation, incarnation: subject.incarnation }
      if (this.#speak(key, subject, observer, voice)) concerned.push(subject)
    }
    for (const [key, subject] of before) {
      if (suspects.has(key)) continue
      this.#silence(key, observer)
      concerned.push(subject)
    }
    return concerned
  }

  /** Whether it is another voice than this observer's last one. */
  #speak(key: string, subject: Target, observer: string, voice: Voice): boolean {
    let voices = this.#voices.get(key)
    if (voices === undefined) {
      voices = { subject, byObserver: new Map() }
      this.#voices.set(key, voices)
    }
    const last = voices.byObserver.get(observer)
    if (last?.generation === voice.generation && last.incarnation === voice.incarnation) return false
    voices.byObserver.set(observer, voice)
    return true
  }

  #silence(key: string, observer: string): void {
    const voices = this.#voices.get(key)
    voices?.byObserver.delete(observer)
    if (voices?.byObserver.size === 0) this.#voices.delete(key)
  }
}
