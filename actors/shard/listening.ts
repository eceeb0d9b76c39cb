import type { FoldedTransition, ShardState } from './shard-state.js'

/** Tells who listens to a fold. It goes on whoever of them throws, for the log is true whoever listens. */
export function tell(state: ShardState, transition: FoldedTransition): void {
  for (const listener of state.listeners) {
    try {
      listener(transition)
    } catch (error) {
      if (state.notice === undefined) throw error
      state.notice({ kind: 'defect', what: `a listener to the fold of shard ${state.shard} threw`, error })
    }
  }
}
