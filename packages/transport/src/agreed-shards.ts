import { CoveyError, limits, type Subjects, shardsFact } from '@covey/protocol'
import { type Clock, delay } from './clock.js'
import type { Facts } from './facts.js'

/** Where it stands how many shards a cluster has. */
interface ShardsGround {
  readonly facts: Pick<Facts, 'create' | 'read'>
  readonly subjects: Subjects
}

/** Milliseconds between two words on what is waited for: often enough to be seen, too rare to fill a log. */
const toldEveryMs = 10_000

/** What nobody has said yet, and for how long it is still waited for. */
export interface AwaitedShards {
  readonly reason: string
  /** Milliseconds until it is given up. */
  readonly leftMs: number
}

/** How a node comes to know how many shards its cluster has. */
export interface AgreementOptions extends ShardsGround {
  readonly clock: Clock
  /** What its user has asked for, if anything. */
  readonly wanted?: number | undefined
  /** What a manager says where nobody has; who is none waits for one. */
  readonly decides?: (() => number | Promise<number>) | undefined
  /** Hears at the first look that is in vain, and then every 10 s, what is waited for. */
  readonly onWait?: ((awaited: AwaitedShards) => void) | undefined
  /** Milliseconds until it is given up, and between two looks. */
  readonly deadlineMs: number
  readonly retryMs: number
}

/** How many shards a cluster has; `undefined` where no manager has said so yet. Rejects `unavailable`. */
export async function readShards({ facts, subjects }: ShardsGround): Promise<number | undefined> {
  const subject = subjects.agreed('shards')
  const found = await facts.read(subject)
  if (found.kind === 'absent') return undefined
  if (found.kind === 'found') return shardsFact.decode(found.fact.data).shards
  throw new CoveyError('unavailable', `the store does not say: ${found.reason}`, { address: subject })
}

/** Throws `invalid_options` for a number of shards that no cluster can have. */
export function checkShards(shards: number): void {
  if (Number.isInteger(shards) && shards >= 1 && shards <= limits.shardsMax) return
  throw new CoveyError('invalid_options', `shards is ${shards}: 1 to ${limits.shardsMax}`, {
    address: 'shards',
  })
}

/** Throws `incompatible` where another number was asked for than the cluster has. */
export function refuseOtherShards(subjects: Subjects, shards: number, wanted: number | undefined): void {
  if (wanted === undefined || wanted === shards) return
  throw new CoveyError(
    'incompatible',
    `cluster ${subjects.cluster} has ${shards} ${shards === 1 ? 'shard' : 'shards'}, and not ${wanted}`,
    {
      address: subjects.agreed('shards'),
      mend: 'leave the number of shards out; for another one begin with an empty store (covey up --data DIR), or under another cluster name (--cluster NAME)',
    },
  )
}

/**
 * How many shards the cluster has. The first manager says it, in a fact that never changes: where a job belongs follows
 * from it. Rejects `incompatible` where the cluster has another number than
 * was asked for, `invalid_options`, and `unavailable` where it cannot be known within the deadline.
 */
export async function agreeOnShards(options: AgreementOptions): Promise<number> {
  const { facts, subjects, clock, wanted, decides, onWait, deadlineMs, retryMs } = options
  if (wanted !== undefined) checkShards(wanted)
  const giveUpAtMs = clock.now() + deadlineMs
  const nobodySays = `nothing says how many shards cluster ${subjects.cluster} has`
  let why = 'no manager of it has ever taken part'
  let tellAtMs = clock.now()
  do {
    const shards = await readShards(options).catch((error: unknown) => {
      if (!(error instanceof CoveyError && error.code === 'unavailable')) throw error
      why = error.message
      return undefined
    })
    if (shards !== undefined) {
      refuseOtherShards(subjects, shards, wanted)
      return shards
    }
    if (decides !== undefined) {
      const outcome = await facts.create(
        subjects.agreed('shards'),
        shardsFact.encode({ shards: await decides() }),
      )
      if (outcome.kind === 'created' || outcome.kind === 'exists') continue
      why = outcome.kind === 'full' ? 'the store of the facts is full' : outcome.reason
    }
    const nowMs = clock.now()
    if (nowMs >= tellAtMs) {
      onWait?.({ reason: `${nobodySays}: ${why}`, leftMs: Math.max(0, Math.round(giveUpAtMs - nowMs)) })
      tellAtMs = nowMs + toldEveryMs
    }
    await delay(clock, retryMs)
  } while (clock.now() < giveUpAtMs)
  throw new CoveyError('unavailable', `${nobodySays}: ${why} (waited ${Math.round(deadlineMs / 1_000)} s)`, {
    address: subjects.agreed('shards'),
    mend: 'start a manager of it, and see whether the broker has room: covey doctor',
  })
}
