import type { attemptMachine, leadershipMachine, workerMachine } from '@covey/machines'
import type { FoldRules } from './fold-table.js'
import type { WorkerName } from './mail.js'
import type { Budget, Plant } from './world.js'

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
  /** How often each may happen; `total` is how much of it in all. */
  readonly budgets: Partial<Record<Budget | 'total', number>>
  /** It begins when a manager leads, and knows the credits of the first worker of each name. */
  readonly isOpen?: boolean
  readonly plants?: readonly Plant[]
  /** Managers that differ by names only are told apart. */
  readonly without?: readonly 'names'[]
}
