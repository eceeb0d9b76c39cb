import {
  compareTokens,
  formatToken,
  limits,
  type ParsedSubject,
  parseSubject,
  storedIn,
  type TokenText,
} from '@covey/protocol'
import type { Environment } from '../environment.js'
import { isEnded, type ShardState, stateOf } from './shard-state.js'

type NamedResult = Pick<Extract<ParsedSubject, { kind: 'result' }>, 'workflow' | 'token'>

/** The newest token that a fold may know of. */
const newestOf = ({ streamEpoch, epoch, sequence }: ShardState): TokenText =>
  formatToken({ streamEpoch, epoch, sequence, index: limits.batchEventsMax })

/**
 * Whether nobody needs a large result any more, nor ever will: its workflow is not kept, or has ended with another, or a
 * newer attempt has taken its place (K36). True for good once it is true, so that a leader who has been deposed does no
 * harm; of tokens that are newer than his fold he says nothing.
 */
export function isForgotten(state: ShardState, { workflow, token }: NamedResult): boolean {
  if (compareTokens(token, newestOf(state)) > 0) return false
  const record = state.workflows.get(workflow)
  if (record === undefined) return true
  if (isEnded(stateOf(record))) return record.result === null || storedIn(record.result)?.token !== token
  const current = record.snapshot.context.token
  return current !== null && compareTokens(token, current) < 0
}

/** What removes large results that nobody needs, while this manager leads: now and then, a bounded number at once. */
export class ResultSweep {
  readonly #env: Environment
  readonly #state: ShardState
  readonly #everyMs: number
  #nextAtMs: number
  #phase: 'resting' | 'sweeping' | 'ended' = 'resting'

  constructor(env: Environment, state: ShardState, everyMs: number = limits.resultSweepMs) {
    this.#env = env
    this.#state = state
    this.#everyMs = everyMs
    this.#nextAtMs = env.clock.now() + everyMs
  }

  look(): void {
    const { clock, notice } = this.#env
    if (this.#phase !== 'resting' || clock.now() < this.#nextAtMs) return
    this.#phase = 'sweeping'
    this.#nextAtMs = clock.now() + this.#everyMs
    const rest = (): void => {
      if (this.#phase === 'sweeping') this.#phase = 'resting'
    }
    this.#sweep().then(rest, (error: unknown) => {
      rest()
      const what = `the sweep of results of shard ${this.#state.shard}`
      notice({ kind: 'store.waiting', what, reason: String(error) })
    })
  }

  stop(): void {
    this.#phase = 'ended'
  }

  async #sweep(): Promise<void> {
    const { links, subjects } = this.#env
    const { shard } = this.#state
    const forgotten = new Set<string>()
    for (const name of await links.objects.names(subjects.resultsOf(shard))) {
      const parsed = parseSubject(subjects.cluster, name)
      if (parsed?.kind !== 'result' || !isForgotten(this.#state, parsed)) continue
      forgotten.add(subjects.resultParts(shard, parsed.workflow, parsed.token))
      if (forgotten.size >= limits.resultSweepsAtOnceMax) break
    }
    // There may be more of them.
    if (forgotten.size >= limits.resultSweepsAtOnceMax) this.#nextAtMs = this.#env.clock.now()
    for (const pattern of forgotten) {
      if (this.#phase === 'ended') return
      await links.objects.purge(pattern)
    }
  }
}
