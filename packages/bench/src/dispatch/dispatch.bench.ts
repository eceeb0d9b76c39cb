import { type Client, connect } from 'covey'
import type { BrokerContext } from '../bench-context.js'
import { closedLoop } from '../measure/closed-loop.js'
import { type Contender, compare } from '../measure/compare.js'
import { Latencies } from '../measure/latencies.js'
import type { ChildOrder } from '../process/child-role.js'
import { startChild } from '../process/start-child.js'
import { type Undo, withUndo } from '../process/undo.js'
import type { BenchRow } from '../report/bench-report.js'
import { addOne } from './add-one.js'
import { connectBare } from './bare-client.js'
import { managerName } from './bench-node.js'

const inFlights = [1, 64, 256, 1_024]
const workers = ['worker-1', 'worker-2']

/** Submits a number and resolves with what came of it. */
type AddOne = (n: number) => Promise<{ readonly n: number }>

/** Counts what it submits and refuses every wrong result. */
class Exact {
  submitted = 0
  readonly #addOne: AddOne

  constructor(addOne: AddOne) {
    this.#addOne = addOne
  }

  readonly once = async (): Promise<void> => {
    const n = this.submitted++
    const output = await this.#addOne(n)
    if (output.n !== n + 1) throw new Error(`${n} and one is ${n + 1}, not ${output.n}`)
  }
}

/**
 * How processes get warm: 20,000 workflows where each row is measured for the usual time. With less, compilers are
 * still at work, and a workflow costs three times as much.
 */
const warmUp = { inFlight: 256, operationsPerMs: 10, timeFactor: 5 } as const

const contender = (name: string, exact: Exact, inFlight: number, { clock }: BrokerContext): Contender => ({
  name,
  warmUp: (durationMs) =>
    closedLoop({
      ...{ clock, latencies: new Latencies(), operation: exact.once, inFlight: warmUp.inFlight },
      durationMs: durationMs * warmUp.timeFactor,
      operationsMax: durationMs * warmUp.operationsPerMs,
    }),
  run: async (durationMs, latencies) => {
    const loop = await closedLoop({ clock, inFlight, durationMs, latencies, operation: exact.once })
    return loop.perSecond
  },
})

/** The manager's own count must say the same as ours: nothing lost, nothing twice. */
async function verify(client: Client, submitted: number): Promise<void> {
  const { jobs } = await client.status()
  if (jobs.completed === submitted && jobs.running + jobs.failed + jobs.cancelled === 0) return
  throw new Error(`of ${submitted} submitted workflows the manager counts ${JSON.stringify(jobs)}`)
}

async function startOurs(
  context: BrokerContext,
  cluster: string,
  undo: (end: Undo) => void,
): Promise<Client> {
  const { server, clock } = context
  const order = { role: 'node', server, cluster } as const
  for (const name of [managerName, ...workers]) {
    const node = await startChild({ ...order, name }, clock)
    undo(() => node.stop())
  }
  const client = await connect({ server, cluster })
  undo(() => client.close())
  return client
}

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
    const submit: AddOne = async (n) => (await client.submit(addOne, { n })).result()
    const bare = await startBare(context, `bare-${inFlight}`, undo)
    const [our, its] = [new Exact(submit), new Exact(bare)]
    const ours = contender('ours', our, inFlight, context)
    const baselines = [contender('bare loop', its, inFlight, context)]
    const rows = await compare({ label: 'submit and result', inFlight, ours, baselines }, context)
    await verify(client, our.submitted)
    return rows
  })

/** A workflow from submit to result, through a manager, two workers and the log. */
export async function benchDispatch(context: BrokerContext): Promise<BenchRow[]> {
  const rows: BenchRow[] = []
  for (const inFlight of inFlights) rows.push(...(await measure(context, inFlight)))
  return rows
}
