import type { attemptMachine, leadershipMachine, workerMachine } from '@covey/machines'
import type { FoldRules } from './fold-table.js'
import type { WorkerName } from './mail.js'
import type { Budget, Plant } from './world.js'

/**
 * What is left out of the states: that managers differ by names, that something which can be said at any time was not
 * said yet, batches of who was deposed, and orders of older epochs than a worker heeds.
 */
export type ShardReduction = 'names' | 'speech' | 'deposed' | 'old orders'

/** What is modelled: one shard, its managers, workers and clients. */
export interface ShardOptions {
  readonly workerMachine: typeof workerMachine
  readonly attemptMachine: typeof attemptMachine
  readonly leadershipMachine: typeof leadershipMachine
  readonly fold: FoldRules
  /** A worker of generation 2 is started when the one of generation 1 has ended. */
  readonly workers: readonly WorkerName[]
  readonly slots: number
  readonly jobs: number
  readonly managers: number
  readonly epochsMax: number
  readonly tokensMax: number
  /** So many things a leader takes for one batch. */
  readonly inputsMax: number
  /** With 2 it takes more while a batch is in the log without its acknowledgement: the next one. One where it is left out. */
  readonly batchesMax?: 1 | 2
  /** How often each may happen; `total` is how much of it in all. */
  readonly budgets: Partial<Record<Budget | 'total', number>>
  /** It begins when a manager leads, and knows the credits of the first worker of each name. */
  readonly isOpen?: boolean
  readonly plants?: readonly Plant[]
  readonly without?: readonly ShardReduction[]
}
