import { singleServerTimings } from '@covey/protocol'
import { connectLinks, type Links, systemClock, systemRandom } from '@covey/transport'

/** Our links as every process of these benchmarks has them. */
export const ourLinks = (server: string, cluster: string, name: string): Promise<Links> =>
  connectLinks({
    ...{ cluster, name, servers: server, role: 'node', shards: 1, timings: singleServerTimings },
    ...{ clock: systemClock, random: systemRandom, ensureStreams: true },
  })
