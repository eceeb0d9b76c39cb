import {
  type AskMessage,
  askMessage,
  type CancelMessage,
  cancelMessage,
  type Dispatch,
  grantMessage,
  type Offer,
  type Policy,
  packValue,
  type Report,
  type RunMessage,
  renewMessage,
  reportMessage,
  runMessage,
  type StreamPlace,
} from '@covey/protocol'
import type { Links, Stop } from '@covey/transport'
import type { ShardWorld } from './shard-world.js'

/** A policy for tests. */
export const testPolicy: Policy = {
  version: '1.0.0',
  slots: 1,
  exclusive: true,
  timeoutMs: 60_000,
  attempts: 3,
  backoffMs: 1_000,
  backoffFactor: 2,
  backoffMaxMs: 10_000,
}

const placeIn = ({ streamEpoch, sequence, term }: StreamPlace): StreamPlace =>
  term === undefined ? { streamEpoch, sequence } : { streamEpoch, sequence, term }

/** A worker that says only what a test tells it to say. It renews when told, and notes what the leader says. */
export class ScriptedWorker {
  readonly name: string
  readonly generation: number
  readonly links: Links
  readonly dispatches: Dispatch[] = []
  readonly logged: string[] = []
  readonly cancels: CancelMessage['cancels'] = []
  readonly questions: AskMessage['questions'] = []
  readonly runs: RunMessage[] = []
  offers: Offer[]
  credits: number[]
  streamEpoch = 0
  epoch = 0
  /** How far leaders have told it that the log goes, and what it is to name beside that. */
  seen: StreamPlace | undefined
  /** How far the log went by its newest grant, where it says so; workers of an older form do not (K41). */
  heard: number | undefined
  seenBefore: StreamPlace[] = []
  opened = false
  held: { token: string; workflow: string }[] = []
  grants = 0
  readonly #world: ShardWorld
  readonly #stops: Stop[]

  constructor(
    world: ShardWorld,
    name: string,
    credits: number,
    policy: Partial<Policy> = {},
    generation = 1,
  ) {
    this.#world = world
    this.name = name
    this.generation = generation
    this.links = world.broker.open(name, String(generation))
    this.offers = [{ name: 'work', policy: { ...testPolicy, ...policy } }]
    this.credits = Array.from({ length: credits }, (_, index) => index + 1)
    world.members.join(name, 'worker', generation)
    const { subjects } = world
    const bus = this.links.control
    this.#stops = [
      bus.subscribe(subjects.node(name, generation, 'run'), ({ data }) => this.#run(runMessage.decode(data))),
      bus.subscribe(subjects.node(name, generation, 'cancel'), ({ data }) => {
        this.cancels.push(...cancelMessage.decode(data).cancels)
      }),
      bus.subscribe(subjects.node(name, generation, 'ask'), ({ data }) =>
        this.#asked(askMessage.decode(data)),
      ),
    ]
  }

  /** Sends one renewal; the promise says whether it was granted within a second. */
  async renew(): Promise<boolean> {
    const {
      name: worker,
      generation,
      streamEpoch,
      epoch,
      seen,
      seenBefore,
      heard,
      opened,
      credits,
      held,
      offers,
    } = this
    const data = renewMessage.encode({
      worker,
      generation,
      streamEpoch,
      epoch,
      ...(seen && { seen }),
      ...(heard !== undefined && { heard }),
      ...(seenBefore.length > 0 && { seenBefore }),
      opened,
      slots: 4,
      state: 'ready',
      credits: opened ? credits : [],
      held,
      offers,
    })
    const outcome = await this.links.control.request(this.#world.subjects.command(0), data, 1_000)
    if (outcome.kind !== 'reply') return false
    const grant = grantMessage.decode(outcome.data)
    this.streamEpoch = grant.streamEpoch
    this.epoch = grant.epoch
    this.seen = placeIn(grant)
    if (heard !== undefined) this.heard = grant.sequence
    this.grants += 1
    return true
  }

  /** Says words on attempts. */
  report(...reports: Report[]): void {
    const { name: worker, generation, epoch } = this
    this.links.control.publish(
      this.#world.subjects.command(0),
      reportMessage.encode({ worker, generation, epoch, reports }),
    )
  }

  /** Says that an attempt completed, and gives further credits out. */
  complete({ token, workflow }: Dispatch, value: unknown, credits: number[] = []): void {
    this.report({ kind: 'completed', token, workflow, credits, result: packValue(value) })
  }

  /** Ends as kill -9 does. */
  crash(): void {
    this.#world.broker.kill(this.generation === 1 ? this.name : `${this.name}-${this.generation}`)
  }

  async close(): Promise<void> {
    for (const stop of this.#stops) stop()
    await this.#world.closeLinks(this.links)
  }

  #run(message: RunMessage): void {
    this.seen = placeIn(message)
    this.runs.push(message)
    this.logged.push(...message.logged)
    this.dispatches.push(...message.dispatches)
    for (const { token, workflow, credits } of message.dispatches) {
      this.held.push({ token, workflow })
      this.credits = this.credits.filter((credit) => !credits.includes(credit))
    }
    this.held = this.held.filter(({ token }) => !message.logged.includes(token))
  }

  #asked({ streamEpoch, epoch, opening, last, questions }: AskMessage): void {
    this.questions.push(...questions)
    if (!opening || !last) return
    if (this.opened && this.epoch === epoch && this.streamEpoch === streamEpoch) return
    this.streamEpoch = streamEpoch
    this.epoch = epoch
    this.opened = true
    this.renew().catch((error: unknown) => {
      throw error
    })
  }
}
