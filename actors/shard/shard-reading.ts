import type { Admission } from './admission.js'
import type { ShardFigures } from './shard-figures.js'
import type { ShardState } from './shard-state.js'

/** One shard as a manager has it now: figures that it keeps anyway, read when somebody asks. */
export interface ShardReading extends Pick<ShardState, 'shard' | 'streamEpoch' | 'epoch' | 'sequence'> {
  readonly isLeading: boolean
  /** Jobs and workflows by their states. */
  readonly jobs: ShardState['jobCounts']
  readonly workflows: ShardState['workflowCounts']
  /** Events that wait for the append in flight. */
  readonly queuedEvents: number
  readonly skippedMessages: number
  readonly poisonedEvents: number
  readonly figures: ShardFigures
}

/** Reads a shard, and the term in which it is led here. What is returned shares its counters: it is for now, not to be kept. */
export function readShard(
  state: ShardState,
  figures: ShardFigures,
  term: Pick<Admission, 'queuedEvents'> | undefined,
): ShardReading {
  const { shard, streamEpoch, epoch, sequence, jobCounts, workflowCounts } = state
  const { skippedMessages, poisonedEvents } = state
  const isLeading = term !== undefined
  return {
    ...{ shard, streamEpoch, epoch, sequence, isLeading },
    ...{ queuedEvents: term?.queuedEvents ?? 0, figures },
    ...{ jobs: jobCounts, workflows: workflowCounts, skippedMessages, poisonedEvents },
  }
}
