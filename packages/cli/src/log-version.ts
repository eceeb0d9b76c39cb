import { type CoveyError, claimMessage, createSubjects, foldVersion, foreignLog } from '@covey/protocol'
import { type Bus, readNewest } from '@covey/transport'

/**
 * The error `log_foreign` where another version of Covey has led a shard last: no manager of this one will lead it
 * (K38). The log's stream is there. Rejects `unavailable`.
 */
export async function foreignLogOf(
  bus: Pick<Bus, 'request'>,
  cluster: string,
  shard: number,
): Promise<CoveyError | undefined> {
  const subjects = createSubjects(cluster)
  const stream = subjects.logStream(shard)
  const newest = await readNewest(bus, stream, subjects.claims(shard))
  const theirs = newest === undefined ? foldVersion : claimMessage.decode(newest).foldVersion
  return theirs === foldVersion ? undefined : foreignLog(shard, theirs, stream)
}
