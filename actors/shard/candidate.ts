import type { ClaimMessage, CoveyError, Retention } from '@covey/protocol'
import type { LogEntry } from '@covey/transport'
import type { Environment, Self } from '../environment.js'
import type { SeenPlace } from '../seen-place.js'
import { type ClaimOutcome, claimEpoch } from './claim.js'
import { applyClaim } from './fold.js'
import type { LogDamage } from './log-damage.js'
import type { LogReader } from './log-reader.js'
import type { ShardState } from './shard-state.js'
import type { Turns } from './turns.js'

interface CandidateOptions {
  readonly env: Environment
  readonly state: ShardState
  readonly self: Self
  readonly seen: SeenPlace
  readonly retention: Retention
  readonly reader: LogReader
  readonly damage: LogDamage
  /** Claims of the manager, some at once. */
  readonly claims: Turns
  /** Since when nothing was appended, as far as this manager has seen. */
  readonly lastEntryAtMs: () => number
  /** Whether the chart still waits for that attempt. */
  readonly isWanted: (attempt: number) => boolean
  readonly onWon: (sequence: number) => void
  readonly onRefused: () => void
  /** What stands in the log is not what was folded of it. */
  readonly onForeign: () => void
  /** The log ends before what was folded of it. */
  readonly onShortened: () => void
  /** The log cannot be what was folded. */
  readonly onDamaged: (error: CoveyError) => void
}

/** Claims a shard for this manager, and reads off a refusal whether the log still is what was folded. */
export class Candidate {
  readonly #options: CandidateOptions

  constructor(options: CandidateOptions) {
    this.#options = options
  }

  /** Claims when it is its turn among the claims of this manager (K50). */
  claim(attempt: number): void {
    const { env, claims } = this.#options
    const waitsSinceMs = env.clock.now()
    claims.take((end) => {
      // The chart has given up a claim that did not come to its turn in time.
      if (env.clock.now() - waitsSinceMs >= env.timings.leaderTimeoutMs) end()
      else void this.#claim(attempt).finally(end)
    })
  }

  async #claim(attempt: number): Promise<void> {
    const { env, state, self, seen, retention, reader, lastEntryAtMs, isWanted, onRefused } = this.#options
    const silentMs = env.clock.now() - lastEntryAtMs()
    const wanted = (): boolean => isWanted(attempt)
    const isFoldedLast = (entry: LogEntry): boolean => reader.isFoldedLast(entry)
    const ground = { env, state, self, attempt, seen, retention, silentMs }
    try {
      const outcome = await claimEpoch({ ...ground, isFoldedLast, isWanted: wanted })
      this.#end(outcome, isWanted(attempt))
    } catch (error) {
      env.notice({ kind: 'defect', what: `the claim of shard ${state.shard} failed`, error })
      onRefused()
    }
  }

  /** A claim that was given up meanwhile is folded like anybody's: who does not lead goes on following. */
  #end(outcome: ClaimOutcome, isWanted: boolean): void {
    const { reader, onWon, onRefused } = this.#options
    if (outcome.kind === 'won' && isWanted && this.#standsAt(outcome.sequence, outcome.claim)) {
      reader.stop()
      onWon(outcome.sequence)
      return
    }
    onRefused()
    this.#judge(outcome)
  }

  /** Looks at a refused claim for signs that entries of the log are missing. */
  #judge(outcome: ClaimOutcome): void {
    const { state, reader, damage, onForeign, onShortened, onDamaged } = this.#options
    if (outcome.kind === 'foreign') onForeign()
    else if (outcome.kind !== 'doubtful' || reader.isBehindJump) damage.trust()
    else if (outcome.tail !== undefined) {
      const found = damage.doubt(state.sequence, outcome.tail)
      if (found === 'shortened') onShortened()
      else if (found !== undefined) onDamaged(found)
    }
  }

  /** Whether the fold ends with the claim: it may have been followed before its acknowledgement came. */
  #standsAt(sequence: number, claim: ClaimMessage): boolean {
    const { state } = this.#options
    if (state.sequence === sequence - 1) applyClaim(state, claim, sequence)
    return state.sequence === sequence && state.epoch === claim.epoch
  }
}
