import type { CoveyError } from '@covey/protocol'
import type { RestoredShard, RestoredShards } from './client-contract.js'

/** Of each shard the stream epoch that it was raised to, or why it was not. Throws the error of the first where none was. */
export function raisedOf(epochs: readonly PromiseSettledResult<number>[]): RestoredShards {
  const shards: RestoredShard[] = []
  const unheard: { shard: number; error: CoveyError }[] = []
  epochs.forEach((epoch, shard) => {
    if (epoch.status === 'rejected') unheard.push({ shard, error: epoch.reason })
    else shards.push({ shard, streamEpoch: epoch.value })
  })
  const [first] = unheard
  if (shards.length === 0 && first !== undefined) throw first.error
  return { shards, unheard }
}
