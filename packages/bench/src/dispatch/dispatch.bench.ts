import type { BrokerContext } from '../bench-context.js'
import { compare } from '../measure/compare.js'
import type { ChildOrder } from '../process/child-role.js'
import { startChild } from '../process/start-child.js'
import { type Undo, withUndo } from '../process/undo.js'
import type { BenchRow } from '../report/bench-report.js'
import { connectBare } from './bare-client.js'
import { benchCancel } from './cancel.bench.js'
import { type AddOne, addOneOn, contender, Exact, startOurs, verify, workers } from './our-cluster.js'
import { benchTakeover } from './takeover.bench.js'

const inFlights = [1, 64, 256, 1_024]
/** The rows that are about whole workflows. */
export const dispatchLabel = 'submit and result'

async function startBare(
  context: BrokerContext,
  cluster: string,
  undo: (end: Undo) => void,
): Promise<AddOne> {
  const { server, clock } = context
  const orders: ChildOrder[] = [
    { role: 'bare-leader', server, cluster, name: 'leader' },
    ...workers.map((name): ChildOrder => ({ role: 'bare-worker', server, cluster, name })),
  ]
  for (const order of orders) {
    const child = await startChild(order, clock)
    undo(() => child.stop())
  }
  const client = await connectBare(server, cluster)
  undo(() => client.close())
  return (n) => client.submit(n)
}

/** Every row has clusters of its own: a manager keeps what has ended, and no row shall pay for the one before. */
const measure = (context: BrokerContext, inFlight: number): Promise<BenchRow[]> =>
  withUndo(async (undo) => {
    context.say(`dispatch: ${inFlight} in flight`)
    const client = await startOurs(context, `bench-${inFlight}`, undo)
    const bare = await startBare(context, `bare-${inFlight}`, undo)
    const [our, its] = [new Exact(addOneOn(client)), new Exact(bare)]
    const ours = contender('ours', our, inFlight, context)
    const baselines = [contender('bare loop', its, inFlight, context)]
    const rows = await compare({ label: dispatchLabel, inFlight, ours, baselines }, context)
    await verify(client, our.submitted)
    return rows
  })

/**
 * A workflow from submit to result, through a manager, two workers and the log; a cancel, as far as its function; and a
 * takeover with a long queue.
 */
export async function benchDispatch(context: BrokerContext): Promise<BenchRow[]> {
  const rows: BenchRow[] = []
  for (const inFlight of inFlights) rows.push(...(await measure(context, inFlight)))
  rows.push(...(await benchCancel(context)), ...(await benchTakeover(context)))
  return rows
}
