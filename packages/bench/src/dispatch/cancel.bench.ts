import type { Client } from 'covey'
import { connect } from 'nats'
import { firstValueFrom } from 'rxjs'
import type { BrokerContext } from '../bench-context.js'
import { busSubjects, payloadBytes } from '../bus/burst.js'
import { closedLoop } from '../measure/closed-loop.js'
import { type Contender, compare } from '../measure/compare.js'
import { startChild } from '../process/start-child.js'
import { withUndo } from '../process/undo.js'
import type { BenchRow } from '../report/bench-report.js'
import { startOurs } from './our-cluster.js'
import { untilCancelled } from './until-cancelled.js'

/** The row that is about cancels. */
export const cancelLabel = 'cancel to abort signal, and back'

/** Longer than the log and a hop could ever take, so that a cancel that gets lost ends the benchmark. */
const deadlineMs = 10_000

/** Cancels workflows that run, one after the other, and hears of the function itself that its signal has aborted. */
class Cancelling {
  cancelled = 0
  readonly #client: Client
  readonly #context: BrokerContext

  constructor(client: Client, context: BrokerContext) {
    this.#client = client
    this.#context = context
  }

  readonly contender: Contender = {
    name: 'ours',
    run: async (durationMs, latencies) => {
      const { clock } = this.#context
      const endMs = clock.now() + durationMs
      let [count, tookMs] = [0, 0]
      while (clock.now() < endMs) {
        const onceMs = await this.#once()
        latencies.take(onceMs)
        tookMs += onceMs
        count += 1
      }
      return (count * 1_000) / tookMs
    },
  }

  /** The time from the call to the word of the function; that it starts before is not part of it. */
  async #once(): Promise<number> {
    const { clock } = this.#context
    const id = `cancelled-${this.cancelled++}`
    const aborted = firstValueFrom(this.#client.progress(id))
    const job = await this.#client.submit(untilCancelled, undefined, { id })
    for (let state = ''; state !== 'running'; ) {
      const { workflows } = await this.#client.job(id, { deadlineMs })
      state = workflows[0]?.state ?? ''
    }
    const beganAtMs = clock.now()
    const answered = job.cancel({ reason: 'measured', deadlineMs })
    await aborted
    const tookMs = clock.now() - beganAtMs
    const [outcome] = (await answered).outcomes
    if (outcome?.outcome !== 'CANCELLED') throw new Error(`${id} was answered ${outcome?.outcome}`)
    await job.ended({ deadlineMs })
    return tookMs
  }

  /** The manager's own count must say the same as ours. */
  async verify(): Promise<void> {
    const { jobs } = await this.#client.status()
    if (jobs.cancelled === this.cancelled && jobs.running + jobs.failed + jobs.completed === 0) return
    throw new Error(`of ${this.cancelled} cancelled workflows the manager counts ${JSON.stringify(jobs)}`)
  }
}

/** From a cancel to the abort signal of the function and back, beside one bare hop and back. */
export const benchCancel = (context: BrokerContext): Promise<BenchRow[]> =>
  withUndo(async (undo) => {
    const { server, clock, say } = context
    say('dispatch: cancel')
    const cancelling = new Cancelling(await startOurs(context, 'bench-cancel', undo), context)
    const cluster = 'bare-hop'
    const responder = await startChild({ role: 'responder', server, cluster, name: 'responder' }, clock)
    undo(() => responder.stop())
    const connection = await connect({ servers: server })
    undo(() => connection.close())
    const { bareEcho } = busSubjects(cluster)
    const operation = () =>
      connection.request(bareEcho, new Uint8Array(payloadBytes), { timeout: deadlineMs })
    const bare: Contender = {
      name: 'nc.request',
      run: async (durationMs, latencies) =>
        (await closedLoop({ clock, inFlight: 1, durationMs, latencies, operation })).perSecond,
    }
    const rows = await compare(
      { label: cancelLabel, inFlight: 1, ours: cancelling.contender, baselines: [bare] },
      context,
    )
    await cancelling.verify()
    return rows
  })
