import { findFreePorts } from '@covey/transport'
import type { BrokerContext } from '../bench-context.js'
import { addOneOn, contender, Exact, startOurs, verify, workers } from '../dispatch/our-cluster.js'
import { type Contender, standings } from '../measure/compare.js'
import { startChild } from '../process/start-child.js'
import { type Undo, withUndo } from '../process/undo.js'
import { connectBull } from './bull-client.js'
import { contenderNames } from './peer-names.js'
import type { PeerRow } from './peer-report.js'

const inFlights = [1, 64, 256, 1_024]
const host = '127.0.0.1'

/** Starts a Redis for one benchmark alone, and answers its URL. */
async function startRedis({ clock }: BrokerContext, undo: (end: Undo) => void): Promise<string> {
  const [port] = await findFreePorts(host, 1)
  const server = `redis://${host}:${port}`
  const redis = await startChild({ role: 'redis-server', server, cluster: '', name: 'redis' }, clock)
  undo(() => redis.stop())
  return server
}

/** BullMQ with as many workers as ours, on a queue of its own. */
async function startBull(
  context: BrokerContext,
  server: string,
  inFlight: number,
  undo: (end: Undo) => void,
): Promise<Contender> {
  const queue = `bench-${inFlight}`
  for (const name of workers) {
    const worker = await startChild({ role: 'bull-worker', server, cluster: queue, name }, context.clock)
    undo(() => worker.stop())
  }
  const exact = new Exact(await connectBull(server, queue, undo))
  return contender(contenderNames.bull, exact, inFlight, context)
}

/** Every row has clusters of its own, as those of `npm run bench`. */
const measure = (context: BrokerContext, inFlight: number, redis: string | undefined): Promise<PeerRow[]> =>
  withUndo(async (undo) => {
    context.say(`dispatch: ${inFlight} in flight`)
    const client = await startOurs(context, `peers-${inFlight}`, undo)
    const our = new Exact(addOneOn(client))
    const ours = contender(contenderNames.dispatch, our, inFlight, context)
    const baselines = redis === undefined ? [] : [await startBull(context, redis, inFlight, undo)]
    const rows = await standings({ ours, baselines }, context)
    await verify(client, our.submitted)
    return rows.map((row) => ({ label: 'submit and result', inFlight, ...row }))
  })

/** A job from submit to result: ours, and BullMQ where it can be had. */
export const peersOfDispatch = (context: BrokerContext, withBull: boolean): Promise<PeerRow[]> =>
  withUndo(async (undo) => {
    const redis = withBull ? await startRedis(context, undo) : undefined
    const rows: PeerRow[] = []
    for (const inFlight of inFlights) rows.push(...(await measure(context, inFlight, redis)))
    return rows
  })
