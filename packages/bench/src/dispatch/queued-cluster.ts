import { createSubjects, exitedMessage, joinedFact, orderAnswer, parseToken } from '@covey/protocol'
import type { Links } from '@covey/transport'
import { type Client, connect } from 'covey'
import { filter, firstValueFrom, map, Subject } from 'rxjs'
import type { BrokerContext } from '../bench-context.js'
import { ourLinks } from '../bus/our-links.js'
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
  readonly #links: Links
  #managers = 0
  #leader: Manager | undefined

  private constructor(
    context: BrokerContext,
    { cluster, queued, client, links }: { cluster: string; queued: number; client: Client; links: Links },
    undo: (end: Undo) => void,
  ) {
    this.#context = context
    this.#cluster = cluster
    this.#queued = queued
    this.#client = client
    this.#links = links
    this.#undo = undo
  }

  /** Starts a manager and a worker, and fills the queue. */
  static async start(
    context: BrokerContext,
    cluster: string,
    queued: number,
    undo: (end: Undo) => void,
  ): Promise<QueuedCluster> {
    const { server } = context
    const client = await connect({ server, cluster })
    undo(() => client.close())
    const links = await ourLinks(server, cluster, 'parent')
    undo(() => links.close())
    const queuedCluster = new QueuedCluster(context, { cluster, queued, client, links }, undo)
    queuedCluster.#leader = await queuedCluster.#addManager()
    queuedCluster.foldsMs.length = 0
    await queuedCluster.#addChild('takeover-worker', 'worker')
    await queuedCluster.#fill()
    return queuedCluster
  }

  /** Resolves when the state has been kept whole, so that who comes begins with that and not with the log. */
  async snapshotTaken(): Promise<void> {
    const { clock } = this.#context
    const pattern = createSubjects(this.#cluster).snapshotsOf(0)
    const isTaken = async (): Promise<boolean> => (await this.#links.objects.names(pattern)).length > 0
    await untilSo('a snapshot', isTaken, { clock, deadlineMs })
  }

  /**
   * Lets another manager fold snapshot and tail, kills the leader, says so as its parent, and answers the milliseconds from
   * that word to the first attempt that the next leader has given out.
   */
  async takeOver(): Promise<number> {
    const { clock } = this.#context
    const gone = this.#leader
    if (gone === undefined) throw new Error('nobody leads')
    await this.#fill()
    const next = await this.#addManager()
    this.#leader = next
    await this.#fill()
    const epoch = (await this.#client.status()).shards[0]?.epoch ?? 0
    const given = firstValueFrom(
      this.#notes.pipe(
        filter((note) => note.kind === 'began' && parseToken(note.token).epoch > epoch),
        map(() => clock.now()),
      ),
    )
    const tell = await this.#exitOf(gone.name, next.name)
    await gone.child.kill()
    const toldAtMs = clock.now()
    await tell()
    return (await inTime('work of the next leader', given, { clock, deadlineMs })) - toldAtMs
  }

  /** How the one who started a manager tells another that it has exited (K49): looked up before, told when called. */
  async #exitOf(gone: string, next: string): Promise<() => Promise<void>> {
    const members = await firstValueFrom(this.#client.members$)
    const [from, to] = [gone, next].map((name) => members.find(({ nodeId }) => nodeId === name))
    if (from === undefined || to === undefined) throw new Error(`${gone} or ${next} is no member`)
    const subjects = createSubjects(this.#cluster)
    const found = await this.#links.facts.read(subjects.fact(gone, from.generation, 'joined'))
    if (found.kind !== 'found') throw new Error(`the fact of ${gone} is ${found.kind}`)
    const { bootId } = joinedFact.decode(found.fact.data)
    const frame = exitedMessage.encode({ node: gone, pid: from.pid, bootId, how: 'killed' })
    const subject = subjects.channel(next, to.generation, 'exited')
    return async () => {
      const outcome = await this.#links.control.request(subject, frame, deadlineMs)
      if (outcome.kind !== 'reply') throw new Error(`${next} was told of an exit: ${outcome.kind}`)
      const { error } = orderAnswer.decode(outcome.data)
      if (error !== undefined) throw new Error(`${next} was told of an exit: ${error.message}`)
    }
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
