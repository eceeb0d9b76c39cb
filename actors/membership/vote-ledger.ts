import { isSick } from '@covey/machines'
import { limits, type VoteMessage } from '@covey/protocol'
import type { Target } from './probe.js'

/** A generation that is suspected, under the incarnation that the observer knew of. */
interface Suspect extends Target {
  readonly incarnation: number
}

interface Statement {
  readonly generation: number
  readonly number: number
  readonly validUntilMs: number
  /** By {@link keyOf}. */
  readonly suspects: ReadonlyMap<string, Suspect>
}

/** A generation of a node as the key of a map. */
export const keyOf = ({ nodeId, generation }: Target): string => `${nodeId}.${generation}`

/**
 * What other observers say they suspect: one numbered statement of each, which is its whole list and holds for two probe
 * periods (K32, K33). A vote is withdrawn by being missing from the next statement, or by there being none.
 */
export class VoteLedger {
  readonly #statements = new Map<string, Statement>()

  /** Takes a statement in, in place of the observer's last one; an older one than held is dropped. Answers whom it concerns. */
  take(observer: string, vote: VoteMessage, validUntilMs: number): Target[] {
    const held = this.#statements.get(observer)
    const isOlder =
      held !== undefined &&
      (vote.generation < held.generation ||
        (vote.generation === held.generation && vote.number <= held.number))
    if (isOlder) return []
    // The sick have no vote (invariant 17); their statement still replaces what they said while well.
    const named = isSick(vote.health) ? [] : vote.suspects
    const targets = named.map(({ node, ...suspect }) => ({ nodeId: node, ...suspect }))
    const suspects = new Map(targets.map((target) => [keyOf(target), target]))
    if (suspects.size === 0) this.#statements.delete(observer)
    else if (held !== undefined || this.#statements.size < limits.membersMax) {
      const { generation, number } = vote
      this.#statements.set(observer, { generation, number, validUntilMs, suspects })
    }
    return [...new Map([...(held?.suspects ?? []), ...suspects]).values()]
  }

  /** Drops what has run out. */
  expire(nowMs: number): void {
    for (const [observer, statement] of this.#statements) {
      if (statement.validUntilMs <= nowMs) this.#statements.delete(observer)
    }
  }

  /** Everybody whom somebody suspects. */
  subjects(): Target[] {
    return [...new Map([...this.#statements.values()].flatMap(({ suspects }) => [...suspects])).values()]
  }

  /** Drops what was said about one subject: it has shown that it lives (O10). */
  forget(subject: Target): void {
    const key = keyOf(subject)
    for (const [observer, statement] of this.#statements) {
      if (!statement.suspects.has(key)) continue
      const suspects = new Map(statement.suspects)
      suspects.delete(key)
      this.#statements.set(observer, { ...statement, suspects })
    }
  }

  /**
   * Who suspects a subject now, by statements of the generations that `isVoter` vouches for; those that it has refuted
   * since, by a greater incarnation, do not count (O8).
   */
  votersOf(subject: Suspect, isVoter: (observer: Target) => boolean): string[] {
    const key = keyOf(subject)
    return [...this.#statements]
      .filter(([nodeId, { generation, suspects }]) => {
        const known = suspects.get(key)
        return (
          known !== undefined && known.incarnation >= subject.incarnation && isVoter({ nodeId, generation })
        )
      })
      .map(([nodeId]) => nodeId)
      .filter((nodeId) => nodeId !== subject.nodeId)
  }
}
