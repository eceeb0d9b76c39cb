import { createSubjects, parseSubject } from '@covey/protocol'
import type { StreamSurvey } from '@covey/transport'
import { type ClusterGround, isUnknownCluster } from './cluster-ground.js'
import { type Check, fail, ok, type Verdict, warn } from './finding.js'

const nearlyFull = 0.8
const full = 0.98

const present = async ({ streams }: ClusterGround): Promise<readonly StreamSurvey[]> =>
  [...(await streams()).values()].filter((stream) => stream !== undefined)

function lookAtBroker({ session }: ClusterGround): Verdict {
  const { url, version } = session.links.broker
  return ok(`nats-server ${version} with JetStream`, url)
}

async function lookAtStreams(ground: ClusterGround): Promise<Verdict> {
  const { cluster } = ground.session.client
  if (await isUnknownCluster(ground)) {
    const what = `no cluster ${cluster} was ever at this broker: it has no stream of it`
    return fail(
      what,
      ground.session.address.url,
      'is it the right --cluster, the right --server? covey up starts one',
    )
  }
  const streams = await ground.streams()
  for (const [name, stream] of streams) {
    if (stream === undefined)
      return fail('the stream is missing', name, 'a manager makes it when it starts: start one again')
    if (stream.faults.length > 0)
      return fail(stream.faults.join('; '), name, 'correct the stream, or use another --cluster')
  }
  const counts = [...streams.values()].map((stream) => `${stream?.name} ${stream?.messages ?? 0}`)
  return ok(`messages: ${counts.join(', ')}`)
}

const share = ({ bytes, bytesMax }: StreamSurvey): number => (bytesMax <= 0 ? 0 : bytes / bytesMax)
const percent = (part: number): string => `${Math.floor(part * 100)} %`

/** A stream of ours evicts nothing: when it is full, it takes nothing more. */
async function lookAtRoom(ground: ClusterGround): Promise<Verdict | undefined> {
  const [fullest] = (await present(ground)).toSorted((one, other) => share(other) - share(one))
  if (fullest === undefined) return undefined
  const part = share(fullest)
  const what = `${percent(part)} of its ${fullest.bytesMax.toLocaleString('en-US')} bytes are taken`
  if (part < nearlyFull) return ok(`the fullest has ${percent(part)} of its bytes taken`, fullest.name)
  const mend =
    'a full one takes nothing more: let jobs end, keep less of ended ones (COVEY_KEEP_WORKFLOWS), or begin with an empty data folder'
  return (part < full ? warn : fail)(what, fullest.name, mend)
}

/** Whether a fold can begin with a snapshot that leads to the first entry that the log still has (K3). */
async function hasSnapshotBefore(
  { session }: ClusterGround,
  shard: number,
  firstSequence: number,
): Promise<boolean> {
  const subjects = createSubjects(session.client.cluster)
  const names = await session.links.objects.names(subjects.snapshotsOf(shard))
  return names.some((name) => {
    const parsed = parseSubject(subjects.cluster, name)
    return parsed?.kind === 'snapshot' && parsed.place.sequence >= firstSequence - 1
  })
}

/**
 * A fold passes over no entry: the log has all of them, or all from one on to which a snapshot leads (K2, K3). Who is to
 * lead knows the fold of who led before (K38).
 */
async function lookAtLogOf(ground: ClusterGround, shard: number): Promise<Verdict | undefined> {
  const name = createSubjects(ground.session.client.cluster).logStream(shard)
  const log = (await ground.streams()).get(name)
  if (log === undefined) return undefined
  const foreign = await ground.foreignLog(shard)
  if (foreign !== undefined) throw foreign
  const { messages, firstSequence, lastSequence } = log
  const streamEpoch = await ground.streamEpoch(shard)
  const lost =
    streamEpoch === 1 ? '' : `; of stream epoch ${streamEpoch}: it lost entries before, see covey restored`
  if (messages === lastSequence) return ok(`${messages} entries without a hole${lost}`, name)
  const isWhole = messages === lastSequence - firstSequence + 1
  if (isWhole && (await hasSnapshotBefore(ground, shard, firstSequence)))
    return ok(
      `${messages} entries without a hole, from ${firstSequence} on, and a snapshot of what was before${lost}`,
      name,
    )
  const what = `it has ${messages} of its ${lastSequence} entries, from ${firstSequence} on: the others were purged or lost (log_damaged)`
  const mend =
    'a manager that still leads knows everything: let its jobs end; then restore the store, or begin with an empty data folder'
  return fail(what, name, mend)
}

/** The logs of all shards: the first that is not as it must be, or that all are. */
async function lookAtLogs(ground: ClusterGround): Promise<Verdict | undefined> {
  const shards = Array.from({ length: await ground.shards() }, (_, shard) => shard)
  const verdicts = await Promise.all(shards.map((shard) => lookAtLogOf(ground, shard)))
  const found = verdicts.filter((verdict) => verdict !== undefined)
  const [first] = found
  const amiss = found.find(({ state }) => state !== 'ok')
  if (amiss !== undefined || found.length <= 1) return amiss ?? first
  return ok(`those of ${found.length} shards are without a hole`)
}

/** What a cluster needs of its broker. */
export const streamChecks: readonly Check<ClusterGround>[] = [
  { name: 'broker', look: lookAtBroker },
  { name: 'streams', look: lookAtStreams },
  { name: 'room', look: lookAtRoom },
  { name: 'log', look: lookAtLogs },
]
