import {
  type Applied,
  type applyBatch,
  type applyClaim,
  emptyShard,
  type ImageRow,
  imageOf,
  packRow,
  restoreShard,
  type ShardState,
} from '@covey/actors'
import { compareTokens, foldVersion, type LogEvent, type TokenText } from '@covey/protocol'
import { type GivenTime, nameArmed, timeBroken } from './given-time.js'

/** How a log is folded. */
export interface FoldRules {
  readonly applyBatch: typeof applyBatch
  readonly applyClaim: typeof applyClaim
}

/** One workflow as a log has it. */
export interface FoldedWorkflow {
  readonly id: string
  readonly state: string
  readonly token: TokenText | null
  readonly worker: string | null
  readonly generation: number
  readonly isCancelled: boolean
  readonly armedAt: string | null
  /** What the attempt has been given beyond its timeout. */
  readonly given: GivenTime | null
  readonly timeoutMs: number
}

/** What rules ask of a log. */
export interface FoldView {
  readonly epoch: number
  /** Batches that have given a token. */
  readonly given: number
  readonly workflows: readonly FoldedWorkflow[]
  readonly ended: ReadonlyMap<string, number>
}

interface Fold {
  readonly image: Uint8Array
  readonly view: FoldView
}

const endStates = new Set(['completed', 'failed', 'cancelled', 'skipped'])
export const isEnd = (state: string): boolean => endStates.has(state)

/** What a shard's log comes to, as numbers: production code folds it, and its image is what tells folds apart. */
export class FoldTable {
  readonly start: number
  readonly #rules: FoldRules
  readonly #folds: Fold[] = []
  readonly #ids = new Map<string, number>()

  constructor(rules: FoldRules) {
    this.#rules = rules
    this.start = this.id(emptyShard(0, foldVersion))
  }

  /** The number of a state. Where it is goes by the tokens it has given: places and times decide nothing else. */
  id(state: ShardState): number {
    const rows = [...imageOf(state)].map(withoutPlaces)
    const key = JSON.stringify(rows)
    const known = this.#ids.get(key)
    if (known !== undefined) return known
    const parts = rows.map(packRow)
    const image = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
    let at = 0
    for (const part of parts) {
      image.set(part, at)
      at += part.length
    }
    this.#ids.set(key, this.#folds.length)
    return this.#folds.push({ image, view: viewOf(state) }) - 1
  }

  /** A state of one's own. */
  restore(fold: number): ShardState {
    return restoreShard(this.#at(fold).image)
  }

  view(fold: number): FoldView {
    return this.#at(fold).view
  }

  /** Folds a batch into a state, as the next that may give a token; answers the rule that it breaks. */
  apply(
    state: ShardState,
    events: readonly LogEvent[],
    told?: (index: number, applied: Applied) => void,
  ): string | undefined {
    const before = viewOf(state)
    const given = state.sequence
    this.#rules.applyBatch(state, { elapsedMs: 0, events: [...events] }, given + 1, told)
    nameArmed(state)
    const after = viewOf(state)
    const gives = after.workflows.some(({ token }) => token?.split('.')[2] === String(given + 1))
    if (!gives) state.sequence = given
    return brokenBy(before, after, state, events)
  }

  /** The log after a batch, and the rule that is broken by it. */
  after(fold: number, events: readonly LogEvent[]): { readonly fold: number; readonly broken?: string } {
    const state = this.restore(fold)
    const broken = this.apply(state, events)
    return broken === undefined ? { fold: this.id(state) } : { fold: this.id(state), broken }
  }

  /** The log after the claim of the next epoch. Who leads is not told apart: each acts alike. */
  claimed(fold: number): number {
    const state = this.restore(fold)
    const { streamEpoch, sequence } = state
    this.#rules.applyClaim(
      state,
      {
        ...{ streamEpoch, epoch: state.epoch + 1, leader: 'manager', generation: 1, bootId: 'boot' },
        ...{ attempt: 1, foldVersion, elapsedMs: 0, retention: state.retention },
      },
      sequence,
    )
    // Which log it is decides nothing where none loses entries (K11), and each history would be a state of its own.
    state.terms = []
    return this.id(state)
  }

  #at(fold: number): Fold {
    const found = this.#folds[fold]
    if (found === undefined) throw new Error(`No log has the number ${fold}`)
    return found
  }
}

function viewOf(state: ShardState): FoldView {
  const workflows = [...state.workflows.values()].map(({ id, snapshot, due }) => {
    const { token, worker, generation, stop, extension: given, policy } = snapshot.context
    const isCancelled = stop?.cause === 'cancel' || snapshot.value === 'cancelled'
    return {
      ...{ id, state: snapshot.value, token, worker, generation, isCancelled },
      ...{ armedAt: due?.armedAt ?? null, given, timeoutMs: policy?.timeoutMs ?? 0 },
    }
  })
  return { epoch: state.epoch, given: state.sequence, workflows, ended: new Map(state.endedGenerations) }
}

/** A place, a time, a text, and how often something was counted: no decision depends on it. */
function withoutPlaces(row: ImageRow): ImageRow {
  switch (row[0]) {
    case 'head':
      return ['head', { ...row[1], plain: { ...row[1].plain, events: 0, timeMs: 0 } }]
    case 'job':
      return ['job', { ...row[1], at: nowhere, sinceMs: 0, submittedAtMs: 0 }]
    case 'workflow': {
      const context = { ...row[1].chart.context, error: null, attempt: 1 }
      const chart = { ...row[1].chart, context } as (typeof row)[1]['chart']
      return ['workflow', { ...row[1], chart, at: nowhere, sinceMs: 0 }]
    }
    case 'foot':
      return ['foot', { ...row[1], ended: row[1].ended.map(([job]) => [job, 0]) }]
    default:
      return row
  }
}

const nowhere = { sequence: 0, index: 0 }

const rules = {
  final: 'what has ended never changes (invariant 3)',
  tokens: 'tokens of a workflow grow (invariant 1)',
  ended: 'nothing is assigned to a generation that the log calls ended (invariant 11)',
  balance: 'offered is completed, failed, cancelled, or still there (invariant 25)',
  cancel: 'who is cancelled ends as cancelled (K39)',
}

/** The rule that a batch breaks. */
function brokenBy(
  before: FoldView,
  after: FoldView,
  { workflowCounts }: ShardState,
  events: readonly LogEvent[],
): string | undefined {
  const known = new Map(before.workflows.map((workflow) => [workflow.id, workflow]))
  for (const now of after.workflows) {
    const was = known.get(now.id)
    const moved = was && (movedWrongly(was, now) ?? timeBroken(was, now, events))
    const broken = moved ?? givenWrongly(was, now, before)
    if (broken !== undefined) return broken
  }
  const counted = Object.values(workflowCounts).reduce((sum, count) => sum + count, 0)
  const isTrue = Object.entries(workflowCounts).every(
    ([value, count]) => after.workflows.filter(({ state }) => state === value).length === count,
  )
  return counted === after.workflows.length && isTrue ? undefined : rules.balance
}

function movedWrongly(was: FoldedWorkflow, now: FoldedWorkflow): string | undefined {
  if (isEnd(was.state) && was.state !== now.state) return rules.final
  const isLost = isEnd(now.state) ? now.state !== 'cancelled' : !now.isCancelled
  return was.isCancelled && isLost ? rules.cancel : undefined
}

function givenWrongly(
  was: FoldedWorkflow | undefined,
  { token, worker, generation }: FoldedWorkflow,
  { ended }: FoldView,
): string | undefined {
  if (token === null || worker === null || token === was?.token) return undefined
  if (was?.token && compareTokens(token, was.token) < 0) return rules.tokens
  return generation <= (ended.get(worker) ?? 0) ? rules.ended : undefined
}
