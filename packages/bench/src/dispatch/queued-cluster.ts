import { createSubjects, parseToken } from '@covey/protocol'
import { jetstreamManager } from '@nats-io/jetstream'
import { type Client, connect as connectClient } from 'covey'
import { connect } from 'nats'
import { filter, firstValueFrom, map, Subject } from 'rxjs'
import type { BrokerContext } from '../bench-context.js'
import { closedLoop } from '../measure/closed-loop.js'
import { inTime, untilSo } from '../measure/in-time.js'
import { Latencies } from '../measure/latencies.js'
import type { ChildNote } from '../process/child-note.js'
import { type Child, startChild } from '../process/start-child.js'
import type { Undo } from '../process/undo.js'
import { briefSlots, briefWork } from './brief-work.js'

/** Longer than a takeover could ever take, so that one that does not come ends the benchmark. */
const deadlineMs = 30_000
const submitsInFlight = 256

interface Manager {
  readonly name: string
  readonly child: Child
}

/** A cluster with a queue before its one worker, whose leader is killed again and again. */
export class QueuedCluster {
  /** How long each manager folded what there was when it came, in milliseconds; but the first, for which there was nothing. */
  readonly foldsMs: number[] = []
  readonly #context: BrokerContext
  readonly #cluster: string
  readonly #queued: number
  readonly #undo: (end: Undo) => void
  readonly #notes = new Subject<ChildNote>()
  readonly #client: Client
  #managers = 0
  #leader: Manager | undefined

  private constructor(
    context: BrokerContext,
    { cluster, queued, client }: { cluster: string; queued: number; client: Client },
    undo: (end: Undo) => void,
  ) {
    this.#context = context
    this.#cluster = cluster
    this.#queued = queued
    this.#client = client
    this.#undo = undo
  }

  /** Starts a manager and a worker, and fills the queue. */
  static async start(
    context: BrokerContext,
    cluster: string,
    queued: number,
    undo: (end: Undo) => void,
  ): Promise<QueuedCluster> {
    const client = await connectClient({ server: context.server, cluster })
    undo(() => client.close())
    const queuedCluster = new QueuedCluster(context, { cluster, queued, client }, undo)
    queuedCluster.#leader = await queuedCluster.#addManager()
    queuedCluster.foldsMs.length = 0
    await queuedCluster.#addChild('takeover-worker', 'worker')
    await queuedCluster.#fill()
    return queuedCluster
  }

  /** Resolves when the log begins with a snapshot. */
  async trimmed(): Promise<void> {
    const { server, clock } = this.#context
    const connection = await connect({ servers: server })
    this.#undo(() => connection.close())
    const { streams } = await jetstreamManager(connection)
    const stream = createSubjects(this.#cluster).logStream(0)
    const isTrimmed = async (): Promise<boolean> => (await streams.info(stream)).state.first_seq > 1
    await untilSo('a log that begins with a snapshot', isTrimmed, { clock, deadlineMs })
  }

  /**
   * Lets another manager fold snapshot and tail, kills the leader, and answers the milliseconds from the moment at which
   * the facts say so to the first attempt that the next leader has given out.
   */
  async takeOver(): Promise<number> {
    const { clock } = this.#context
    const gone = this.#leader
    if (gone === undefined) throw new Error('nobody leads')
    await this.#fill()
    this.#leader = await this.#addManager()
    await this.#fill()
    const epoch = (await this.#client.status()).shards[0]?.epoch ?? 0
    const known = firstValueFrom(
      this.#client.members$.pipe(
        filter((members) =>
          members.some(({ nodeId, state }) => nodeId === gone.name && state === 'departed'),
        ),
        map(() => clock.now()),
      ),
    )
    const given = firstValueFrom(
      this.#notes.pipe(
        filter((note) => note.kind === 'began' && parseToken(note.token).epoch > epoch),
        map(() => clock.now()),
      ),
    )
    const both = Promise.all([known, given])
    await Promise.all([gone.child.kill(), inTime('work of the next leader', both, { clock, deadlineMs })])
    const [knownAtMs, givenAtMs] = await both
    // Who waits for the leader's silence alone could be there before the facts are: then nothing was waited for.
    return Math.max(givenAtMs - knownAtMs, 0)
  }

  async #addChild(role: 'takeover-manager' | 'takeover-worker', name: string): Promise<Child> {
    const { server, clock } = this.#context
    const order = { role, server, cluster: this.#cluster, name }
    const child = await startChild(order, clock, (note) => this.#notes.next(note))
    this.#undo(() => child.stop())
    return child
  }

  async #addManager(): Promise<Manager> {
    const { clock } = this.#context
    const folded = firstValueFrom(this.#notes.pipe(filter((note) => note.kind === 'folded')))
    const name = `manager-${this.#managers++}`
    const child = await this.#addChild('takeover-manager', name)
    this.foldsMs.push((await inTime('the fold of a manager', folded, { clock, deadlineMs })).tookMs)
    return { name, child }
  }

  /** Submits as many as are missing in the queue. */
  async #fill(): Promise<void> {
    const { clock } = this.#context
    const { jobs } = await this.#client.status({ deadlineMs })
    const operation = (): Promise<unknown> => this.#client.submit(briefWork)
    await closedLoop({
      ...{ clock, operation, durationMs: deadlineMs, inFlight: submitsInFlight, latencies: new Latencies() },
      operationsMax: this.#queued + briefSlots - jobs.running,
    })
  }
}
