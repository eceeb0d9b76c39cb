import {
  type ClaimMessage,
  type CoveyError,
  claimMessage,
  createSubjects,
  foldVersion,
  foreignLog,
} from '@covey/protocol'
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
  const theirs = (await newestClaim(bus, cluster, shard))?.foldVersion ?? foldVersion
  return theirs === foldVersion
    ? undefined
    : foreignLog(shard, theirs, createSubjects(cluster).logStream(shard))
}

/** How often the log of a shard was found to have lost entries, and one (K11). Its stream is there. Rejects `unavailable`. */
export const streamEpochOf = async (
  bus: Pick<Bus, 'request'>,
  cluster: string,
  shard: number,
): Promise<number> => (await newestClaim(bus, cluster, shard))?.streamEpoch ?? 1

async function newestClaim(
  bus: Pick<Bus, 'request'>,
  cluster: string,
  shard: number,
): Promise<ClaimMessage | undefined> {
  const subjects = createSubjects(cluster)
  const newest = await readNewest(bus, subjects.logStream(shard), subjects.claims(shard))
  return newest && claimMessage.decode(newest)
}
