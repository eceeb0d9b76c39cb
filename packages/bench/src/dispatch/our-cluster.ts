import { type Client, connect } from 'covey'
import type { BrokerContext } from '../bench-context.js'
import { closedLoop } from '../measure/closed-loop.js'
import type { Contender } from '../measure/compare.js'
import { Latencies } from '../measure/latencies.js'
import { startChild } from '../process/start-child.js'
import type { Undo } from '../process/undo.js'
import { addOne } from './add-one.js'
import { managerName } from './bench-node.js'

/** Those that work. */
export const workers = ['worker-1', 'worker-2']

/** Submits a number and resolves with what came of it. */
export type AddOne = (n: number) => Promise<{ readonly n: number }>

/** Counts what it submits and refuses every wrong result. */
export class Exact {
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
 * How processes get warm: 60,000 workflows where each row is measured for the usual time. After 20,000, compilers are
 * still at work, and a workflow costs half as much again.
 */
const warmUp = { inFlight: 256, operationsPerMs: 30, timeFactor: 10 } as const

/** A cluster as one that `compare` knows. */
export const contender = (
  name: string,
  exact: Exact,
  inFlight: number,
  { clock }: BrokerContext,
): Contender => ({
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
export async function verify(client: Client, submitted: number): Promise<void> {
  const { jobs } = await client.status()
  if (jobs.completed === submitted && jobs.running + jobs.failed + jobs.cancelled === 0) return
  throw new Error(`of ${submitted} submitted workflows the manager counts ${JSON.stringify(jobs)}`)
}

/** Starts a manager and two workers, each a process, and connects to them. */
export async function startOurs(
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

/** Submits by the client of a cluster of ours. */
export const addOneOn =
  (client: Client): AddOne =>
  async (n) =>
    (await client.submit(addOne, { n })).result()
