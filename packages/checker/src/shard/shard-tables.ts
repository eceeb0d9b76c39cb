import type { Words } from '../words.js'
import type { FoldTable } from './fold-table.js'
import type { WorkerName } from './mail.js'
import type { ManagerHappenings } from './manager-happenings.js'
import type { WorkerHappenings } from './worker-happenings.js'
import type { WorkerTable } from './worker-table.js'

/** What the steps of a shard are worked out from. */
export interface ShardTables {
  readonly words: Words
  readonly names: readonly WorkerName[]
  readonly folds: FoldTable
  readonly workerTable: WorkerTable
  readonly workerHappenings: WorkerHappenings
  readonly managerHappenings: ManagerHappenings
}
