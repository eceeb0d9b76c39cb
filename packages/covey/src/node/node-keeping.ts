import { defaultKeeping, type Keeping } from '@covey/actors'
import { CoveyError, limits, type Retention } from '@covey/protocol'
import { type KnownOptions, refuseUnknownOptions } from '../known-options.js'

/** What a manager is told to keep. */
export interface KeepingOptions {
  /**
   * What a shard keeps of jobs that have ended: `workflows` (200,000), `bytes` of their results (256 MiB), for `ms` (a
   * day). What goes is `expired` for who asks, as long as its id is among so many `ids` (100,000); a submission that was
   * under way for longer is `too_old`. The word of the manager that leads counts, for all.
   */
  readonly retention?: Partial<Retention>
  /** Events after which a manager that leads keeps the state of its shard whole, so that its log can be trimmed. Default 1,000,000. */
  readonly snapshotEvents?: number
}

const knownRetention: KnownOptions<Retention> = {
  ...{ workflows: true, bytes: true, ms: true, ids: true },
}

function checked(where: string, value: number, min: number): number {
  if (Number.isSafeInteger(value) && value >= min) return value
  const shown = typeof value === 'number' ? value : typeof value
  throw new CoveyError('invalid_options', `${where}: ${shown} is not a whole number from ${min}`, {
    address: where,
    mend: 'leave it out for the default',
  })
}

/** What is kept, with what is not said filled in. Throws `invalid_options`. */
export function keepingOf({
  retention = {},
  snapshotEvents = defaultKeeping.snapshotEvents,
}: KeepingOptions): Keeping {
  refuseUnknownOptions('startNode.retention', retention, knownRetention)
  const { workflows, bytes, ms, ids = limits.expiredJobsKept } = { ...defaultKeeping.retention, ...retention }
  const where = 'startNode.retention'
  return {
    retention: {
      workflows: checked(`${where}.workflows`, workflows, 0),
      bytes: checked(`${where}.bytes`, bytes, 0),
      ms: checked(`${where}.ms`, ms, 0),
      ids: checked(`${where}.ids`, ids, 0),
    },
    snapshotEvents: checked('startNode.snapshotEvents', snapshotEvents, 1),
  }
}
