import { inflateRawSync } from 'node:zlib'
import { createSubjects, limits, singleServerTimings, tapFrame, tapMessage } from '@covey/protocol'
import { connectLinks, systemClock, systemRandom } from '@covey/transport'
import type { Client } from 'covey'
import { firstValueFrom } from 'rxjs'
import type { Undo } from '../process/undo.js'

/** Listens to what all nodes of a cluster sum up, as the inspector does, and weighs it. */
export interface TapScales {
  /** What has come so far: bytes for so many transitions. */
  weigh(): { readonly bytes: number; readonly transitions: number }
}

/** Opens the tap of every node that takes part now. */
export async function openTapScales(
  server: string,
  client: Client,
  undo: (end: Undo) => void,
): Promise<TapScales> {
  const { cluster } = client
  const links = await connectLinks({
    ...{ cluster, servers: server, name: 'scales', role: 'client', ensureStreams: false },
    ...{ timings: singleServerTimings, clock: systemClock, random: systemRandom },
  })
  undo(() => links.close())
  const subjects = createSubjects(cluster)
  // Read afterwards: reading them is the work of another process than the one that is measured.
  const frames: Uint8Array[] = []
  const stop = links.data.subscribe(subjects.taps, ({ data }) => frames.push(data))
  const members = await firstValueFrom(client.members$)
  let timer: unknown
  const ask = (anew: boolean): void => {
    const data = tapMessage.encode({ ttlMs: limits.watchTtlMs, anew })
    for (const { nodeId, generation } of members) {
      links.data.publish(subjects.channel(nodeId, generation, 'tap'), data)
    }
    timer = systemClock.setTimeout(() => ask(false), limits.watchTtlMs / 3)
  }
  ask(true)
  undo(async () => {
    systemClock.clearTimeout(timer)
    stop()
  })
  return {
    weigh: () => ({
      bytes: frames.reduce((sum, { byteLength }) => sum + byteLength, 0),
      transitions: frames.reduce((sum, frame) => sum + tapFrame.decode(inflateRawSync(frame)).seen, 0),
    }),
  }
}
