import {
  type ClaimMessage,
  CoveyError,
  claimMessage,
  foldVersion,
  foreignLog,
  limits,
  type Retention,
} from '@covey/protocol'
import { delay, type LogEntry } from '@covey/transport'
import type { Environment, Self } from '../environment.js'
import type { SeenPlace } from '../seen-place.js'
import { nextStreamEpoch } from './log-loss.js'
import type { ShardState } from './shard-state.js'
import { currentTerm } from './terms.js'

/** How a claim ended: won at a sequence, or refused, also where its caller no longer waits. */
export type ClaimOutcome =
  | { readonly kind: 'won'; readonly sequence: number; readonly claim: ClaimMessage }
  | { readonly kind: 'refused' }
  /** Not made: what stands where the fold ends is not what was folded. */
  | { readonly kind: 'foreign' }
  /** Refused, though nothing can be read behind the fold: the log ends at `tail`, or `undefined` where nobody says so. */
  | { readonly kind: 'doubtful'; readonly tail: number | undefined }

/** What a claim is made with. */
export interface ClaimOptions {
  readonly env: Environment
  readonly state: ShardState
  readonly self: Self
  readonly attempt: number
  /** How far the log went, as this process has heard. */
  readonly seen: SeenPlace
  /** What the shard is to keep of ended jobs from here on. */
  readonly retention: Retention
  /** Milliseconds since this candidate saw the last append: the time of the shard goes on meanwhile (K16). */
  readonly silentMs: number
  /** Whether an entry can be the last one that was folded. */
  readonly isFoldedLast: (entry: LogEntry) => boolean
  /** Whether the claim is still wanted; a late answer of an old one means nothing. */
  readonly isWanted: () => boolean
}

const isMine = (entry: LogEntry, subject: string, claim: ClaimMessage): boolean => {
  if (entry.subject !== subject) return false
  const found = claimMessage.decode(entry.data)
  return found.bootId === claim.bootId && found.attempt === claim.attempt
}

/** There is no higher stream epoch, and with this one tokens could be given twice. */
const spent = ({ subjects }: Environment, shard: number): CoveyError =>
  new CoveyError(
    'log_damaged',
    `shard ${shard} has come to the last stream epoch, ${limits.streamEpochMax}`,
    {
      address: subjects.logStream(shard),
      mend: 'begin with an empty store, and find what else writes to the broker: no cluster loses entries so often',
    },
  )

const tailOf = (env: Environment, shard: number): Promise<number | undefined> =>
  env.links
    .log(shard)
    .tail()
    .catch((error: unknown) => {
      env.notice({ kind: 'store.waiting', what: `end of the log of shard ${shard}`, reason: String(error) })
      return undefined
    })

/** Why nothing may be claimed behind an entry: the log has gone on meanwhile, or that is not what was folded there. */
async function hindranceAt(
  sequence: number,
  { env, state, isFoldedLast }: ClaimOptions,
): Promise<ClaimOutcome | undefined> {
  if (sequence === 0) return undefined
  const last = await env.links.log(state.shard).read(sequence)
  if (state.sequence !== sequence) return { kind: 'refused' }
  return last.kind === 'found' && !isFoldedLast(last.entry) ? { kind: 'foreign' } : undefined
}

/**
 * Claims the next epoch of a shard: one more than the highest folded, fenced at the folded tail, so that a manager that
 * lags cannot win (K1). Where somebody has seen the log go further, it has lost entries: the claim raises the stream epoch,
 * so that no token of it was given before (K11); one that was put back may have grown to just where the fold ends, and the
 * fence cannot tell the two apart, so what stands there is looked at first. After a refusal or silence it reads what stands
 * behind it: its own claim means that it has won (K21).
 */
export async function claimEpoch(options: ClaimOptions): Promise<ClaimOutcome> {
  const { env, state, self, attempt, seen, retention, silentMs, isWanted } = options
  if (state.foldVersion !== foldVersion) {
    env.notice({
      kind: 'log.foreign',
      shard: state.shard,
      error: foreignLog(state.shard, state.foldVersion, env.subjects.logStream(state.shard)),
    })
    return { kind: 'refused' }
  }
  const streamEpoch = nextStreamEpoch(seen, state)
  if (streamEpoch > limits.streamEpochMax) {
    env.notice({ kind: 'log.damaged', shard: state.shard, error: spent(env, state.shard) })
    return { kind: 'refused' }
  }
  const tail = state.sequence
  const follows = currentTerm(state)
  const claim: ClaimMessage = {
    streamEpoch,
    epoch: state.epoch + 1,
    leader: self.nodeId,
    generation: self.generation,
    bootId: self.bootId,
    attempt,
    ...(follows !== undefined && { follows }),
    foldVersion,
    retention,
    elapsedMs: Math.round(Math.min(silentMs, limits.batchElapsedMsMax)),
  }
  const log = env.links.log(state.shard)
  const subject = env.subjects.claim(state.shard, claim.epoch)
  const data = claimMessage.encode(claim)
  const hindrance = await hindranceAt(tail, options)
  if (hindrance !== undefined) return hindrance
  do {
    const appended = await log.append(subject, data, tail)
    if (appended.kind === 'appended') return { kind: 'won', sequence: appended.sequence, claim }
    const found = await log.read(tail + 1)
    if (found.kind === 'found') {
      return isMine(found.entry, subject, claim)
        ? { kind: 'won', sequence: found.entry.sequence, claim }
        : { kind: 'refused' }
    }
    // Absence proves nothing: the answer may be old. That it lasts does.
    if (appended.kind === 'fenced' && found.kind === 'absent') {
      return { kind: 'doubtful', tail: await tailOf(env, state.shard) }
    }
    env.notice({ kind: 'store.waiting', what: `claim of shard ${state.shard}`, reason: appended.kind })
    await delay(env.clock, env.timings.redialMinMs)
  } while (isWanted())
  return { kind: 'refused' }
}
