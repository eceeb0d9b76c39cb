import { handOverMessage, shardsFact } from '@covey/protocol'

/** A frame of each message by which managers share the shards. */
export const managerFrames: readonly (readonly [string, Uint8Array])[] = [
  ['agreed.shards', shardsFact.encode({ shards: 4 })],
  [
    'manager.handOver',
    handOverMessage.encode({ manager: 'ghost', generation: 1, epoch: 1, sequence: 2, foldVersion: 1 }),
  ],
]
