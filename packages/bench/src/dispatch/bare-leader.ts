import { packValue } from '@covey/protocol'
import { type JetStreamClient, jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect, type NatsConnection } from 'nats'
import type { ChildOrder, Close } from '../process/child-role.js'
import { type Credit, type Done, hear, type Run, type Submit } from './bare-frames.js'

type LogEvent =
  | ({ readonly type: 'submitted' } & Submit)
  | { readonly type: 'assigned'; readonly id: string; readonly token: number; readonly worker: string }
  | ({ readonly type: 'completed' } & Done)

interface Workflow extends Submit {
  state: 'queued' | 'proposed' | 'assigned'
  token: number
}

const push = <Item>(lists: Map<string, Item[]>, key: string, item: Item): void => {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [item])
  else list.push(item)
}

/**
 * The leader of the bare loop: the same events in the same fenced log as ours, plain objects in place of charts, and
 * not one promise beyond that. What it costs to be right is the distance to it.
 */
class BareLeader {
  readonly #connection: NatsConnection
  readonly #stream: JetStreamClient
  readonly #cluster: string
  readonly #workflows = new Map<string, Workflow>()
  readonly #credits = new Map<string, number>()
  #queue: Workflow[] = []
  #pending: LogEvent[] = []
  #appending = false
  #sequence = 0
  #token = 0
  #runs = new Map<string, Run[]>()
  #outcomes = new Map<string, Done[]>()

  constructor(connection: NatsConnection, cluster: string) {
    this.#connection = connection
    this.#stream = jetstream(connection)
    this.#cluster = cluster
    hear<Submit>(connection, `${cluster}.submit`, (submit) => this.#append({ type: 'submitted', ...submit }))
    hear<Done>(connection, `${cluster}.done`, (done) => this.#append({ type: 'completed', ...done }))
    hear<Credit>(connection, `${cluster}.credit`, ({ worker, credits }) => {
      this.#credits.set(worker, (this.#credits.get(worker) ?? 0) + credits)
      this.#assign()
    })
  }

  #append(event: LogEvent): void {
    if (this.#pending.push(event) === 1) queueMicrotask(() => void this.#flush())
  }

  async #flush(): Promise<void> {
    if (this.#appending || this.#pending.length === 0) return
    const batch = this.#pending
    this.#pending = []
    this.#appending = true
    const expect = { lastSequence: this.#sequence }
    const ack = await this.#stream.publish(`${this.#cluster}.log`, packValue(batch), { expect })
    this.#sequence = ack.seq
    this.#appending = false
    for (const event of batch) this.#apply(event)
    this.#tell()
    this.#assign()
    await this.#flush()
  }

  #apply(event: LogEvent): void {
    if (event.type === 'submitted') {
      const workflow: Workflow = { ...event, state: 'queued', token: 0 }
      this.#workflows.set(event.id, workflow)
      this.#queue.push(workflow)
      return
    }
    const workflow = this.#workflows.get(event.id)
    if (workflow === undefined) return
    const { id, token } = event
    if (event.type === 'assigned' && workflow.state === 'proposed') {
      workflow.state = 'assigned'
      workflow.token = token
      push(this.#runs, event.worker, { id, token, input: workflow.input })
    } else if (event.type === 'completed' && workflow.token === token) {
      this.#workflows.delete(id)
      push(this.#outcomes, workflow.reply, { id, token, output: event.output })
    }
  }

  #tell(): void {
    for (const [worker, runs] of this.#runs) {
      this.#connection.publish(`${this.#cluster}.run.${worker}`, packValue(runs))
    }
    for (const [reply, outcomes] of this.#outcomes) this.#connection.publish(reply, packValue(outcomes))
    this.#runs = new Map()
    this.#outcomes = new Map()
  }

  #assign(): void {
    let assigned = 0
    for (const workflow of this.#queue) {
      const [worker, free] = [...this.#credits].reduce(
        (most, one) => (one[1] > most[1] ? one : most),
        ['', 0],
      )
      if (free === 0) break
      assigned += 1
      this.#credits.set(worker, free - 1)
      workflow.state = 'proposed'
      this.#token += 1
      this.#append({ type: 'assigned', id: workflow.id, token: this.#token, worker })
    }
    if (assigned > 0) this.#queue = this.#queue.slice(assigned)
  }
}

/** Starts the leader of a bare loop on an empty log of its own. */
export async function startBareLeader({ server, cluster }: ChildOrder): Promise<Close> {
  const connection = await connect({ servers: server, noAsyncTraces: true })
  const manager = await jetstreamManager(connection)
  await manager.streams.add({ name: cluster, subjects: [`${cluster}.log`], storage: 'file' })
  new BareLeader(connection, cluster)
  await connection.flush()
  return () => connection.close()
}
