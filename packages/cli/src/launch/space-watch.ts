import type { Clock, Stop } from '@covey/transport'
import { freeBytesMin } from '../free-space.js'
import type { LaunchEvent } from './launch-options.js'

/** How often the disk is looked at: written at 100 MB a second, half of the last GiB is left when that is told. */
const lookIntervalMs = 5_000

/** What a watch of a disk is made with. */
export interface SpaceWatchOptions {
  readonly folder: string
  readonly clock: Clock
  /** Bytes that are free where the folder is. */
  readonly freeBytes: (folder: string) => Promise<number>
  readonly onEvent: (event: LaunchEvent) => void
}

/**
 * Tells when the disk of a store runs low, and when it has room again: nats-server 2.9 itself says that it is healthy, and
 * answers no more. What cannot be looked at is looked at again.
 */
export function watchSpace({ folder, clock, freeBytes, onEvent }: SpaceWatchOptions): Stop {
  let isLow = false
  let isStopped = false
  let timer: unknown
  const tell = (bytes: number): void => {
    if (isStopped || bytes < freeBytesMin === isLow) return
    isLow = !isLow
    onEvent({ kind: isLow ? 'space.low' : 'space.enough', folder, freeBytes: bytes })
  }
  const look = (): void => {
    timer = clock.setTimeout(look, lookIntervalMs)
    // A folder that is gone is told of by the broker.
    freeBytes(folder).then(tell, () => undefined)
  }
  look()
  return () => {
    isStopped = true
    clock.clearTimeout(timer)
  }
}
