import type { FoldedPlace } from '@covey/protocol'
import type { Stop } from '@covey/transport'
import type { FoldedTransition, JobRecord, LogPlace, ShardState, WorkflowRecord } from './shard-state.js'

/** The folded charts of the shards that this node leads, for those who watch (K42). */
export interface FoldedTransitions {
  /** The state of every chart now. Empty where this node does not lead. */
  states(): Iterable<FoldedActor>
  /** How far each shard is folded that this node leads: of what came before, {@link states} has all that is kept. */
  places(): Iterable<FoldedPlace>
  /** Tells transitions while this node leads; followers fold in silence, so that each is told once. */
  onTransition(listener: (transition: FoldedActorTransition) => void): Stop
}

/** One folded chart and where it stands; its state is empty where it is kept no more. */
export interface FoldedActor {
  readonly kind: 'workflow' | 'job'
  readonly actor: string
  readonly state: string
  readonly at: { readonly shard: number; readonly streamEpoch?: number } & LogPlace
}

/** One folded chart went from one state to another. */
export interface FoldedActorTransition extends FoldedActor {
  readonly from: string
  readonly event: string
  readonly elapsedMs: number
}

/** A place as it is told: sequences are given again only under a higher stream epoch (K11). */
const told = ({ shard, streamEpoch }: ShardState, { sequence, index }: LogPlace): FoldedActor['at'] =>
  streamEpoch === 1 ? { shard, sequence, index } : { shard, streamEpoch, sequence, index }

const actorOf = (state: ShardState, record: WorkflowRecord | JobRecord): FoldedActor => ({
  kind: record.kind,
  actor: record.id,
  state: record.snapshot.value,
  at: told(state, record.at),
})

/** Makes the source of folded transitions of some shards. */
export function foldedTransitions(
  shards: () => Iterable<{ readonly state: ShardState; readonly isLeading: boolean }>,
): FoldedTransitions {
  return {
    *states() {
      for (const { state, isLeading } of shards()) {
        if (!isLeading) continue
        for (const job of state.jobs.values()) yield actorOf(state, job)
        for (const workflow of state.workflows.values()) yield actorOf(state, workflow)
      }
    },
    *places() {
      for (const { state, isLeading } of shards()) {
        const { shard, streamEpoch, sequence } = state
        if (isLeading) yield { shard, streamEpoch, sequence }
      }
    },
    onTransition(listener) {
      const stops = [...shards()].map((shard) => {
        const { state } = shard
        const forward = ({ record, from, event, to, at, elapsedMs }: FoldedTransition): void => {
          if (!shard.isLeading) return
          const place = told(state, at)
          listener({ kind: record.kind, actor: record.id, state: to, at: place, from, event, elapsedMs })
        }
        state.listeners.add(forward)
        return () => state.listeners.delete(forward)
      })
      return () => {
        for (const stop of stops) stop()
      }
    },
  }
}
