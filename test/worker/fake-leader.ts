import {
  askMessage,
  cancelMessage,
  type Dispatch,
  defineDoor,
  type ExtensionAnswer,
  grantMessage,
  packValue,
  type RenewMessage,
  type Report,
  type ReportMessage,
  renewMessage,
  reportMessage,
  runMessage,
  type Subjects,
} from '@covey/protocol'
import type { BusMessage, Links } from '@covey/transport'

const door = defineDoor('shard.command', [renewMessage, reportMessage])

/** An attempt as the log would name it. */
export interface Assigned {
  readonly token: string
  readonly workflow: string
  readonly credits: readonly number[]
}

/**
 * The leader of shard 0 as the worker meets it: it opens, grants and commands, and decides nothing. Several may stand
 * beside each other, as an old and a new leader do.
 */
export class FakeLeader {
  readonly renewals: RenewMessage[] = []
  readonly messages: ReportMessage[] = []
  /** Kinds of all that came, in order. */
  readonly heard: string[] = []
  /** What the log has assigned to the worker: the list of an opening. */
  assigned: Assigned[] = []
  opens = true
  grants = true
  /** Where the grants go that were not given. */
  readonly withheld: string[] = []
  /** Credits that the worker has shown and that were not used here. */
  credits: number[] = []
  readonly streamEpoch: number
  readonly epoch: number
  readonly term: string
  readonly #links: Links
  readonly #subjects: Subjects
  readonly #stop: () => void
  #sequence = 10

  constructor(links: Links, subjects: Subjects, epoch: number, streamEpoch: number) {
    this.#links = links
    this.#subjects = subjects
    this.epoch = epoch
    this.streamEpoch = streamEpoch
    this.term = `${streamEpoch}${epoch}`.padStart(12, '0')
    this.#stop = links.control.subscribe(subjects.command(0), (message) => this.#hear(message))
  }

  get reports(): Report[] {
    return this.messages.flatMap(({ reports }) => reports)
  }

  reportsOf(token: string): Report[] {
    return this.reports.filter((report) => report.token === token)
  }

  kindsOf(token: string): string[] {
    return this.reportsOf(token).map(({ kind }) => kind)
  }

  get lastRenewal(): RenewMessage {
    const last = this.renewals.at(-1)
    if (last === undefined) throw new Error('no renewal came')
    return last
  }

  /** A dispatch of the next place in the log, on the next free credit. */
  next(name: string, more: Partial<Dispatch> = {}): Dispatch {
    const sequence = this.#sequence++
    const credits = more.credits ?? this.credits.splice(0, 1)
    return {
      token: `${this.streamEpoch}.${this.epoch}.${sequence}.0`,
      workflow: `job-${sequence}/main`,
      name,
      version: '1.0.0',
      attempt: 1,
      timeoutMs: 60_000,
      exclusive: true,
      input: packValue({ sequence }),
      ...more,
      credits,
    }
  }

  run(dispatches: readonly Dispatch[], logged: readonly string[] = []): void {
    this.#send(
      'run',
      runMessage.encode({ ...this.#sender, logged: [...logged], dispatches: [...dispatches] }),
    )
  }

  extend(...extensions: ExtensionAnswer[]): void {
    this.#send('run', runMessage.encode({ ...this.#sender, logged: [], dispatches: [], extensions }))
  }

  cancel(of: Assigned, cause: 'cancel' | 'timeout' = 'cancel'): void {
    const { token, workflow, credits } = of
    const cancels = [{ token, workflow, credits: [...credits], cause, reason: 'enough (by ops)' }]
    this.#send('cancel', cancelMessage.encode({ ...this.#sender, cancels }))
  }

  ask(of: readonly Assigned[], opening = false, last = true): void {
    const questions = of.map(({ token, workflow, credits }) => ({ token, workflow, credits: [...credits] }))
    this.#send('ask', askMessage.encode({ ...this.#sender, opening, last, questions }))
  }

  grant(reply: string): void {
    this.#links.control.publish(reply, grantMessage.encode(this.#place))
  }

  close(): void {
    this.#stop()
  }

  get #place() {
    const { streamEpoch, epoch, term } = this
    return { streamEpoch, epoch, sequence: this.#sequence, term }
  }

  get #sender() {
    return { shard: 0, ...this.#place, leader: 'm1', leaderGeneration: 1 }
  }

  #send(operation: 'run' | 'cancel' | 'ask', data: Uint8Array): void {
    this.#links.control.publish(this.#subjects.node('w1', 1, operation), data)
  }

  #hear({ data, reply }: BusMessage): void {
    const { kind, body } = door.decode(data)
    this.heard.push(kind)
    if (kind === 'worker.report') {
      this.messages.push(body)
      return
    }
    this.renewals.push(body)
    if (body.opened && body.epoch === this.epoch) this.credits = [...body.credits]
    else if (this.opens) this.ask(this.assigned, true)
    if (reply === undefined) return
    if (this.grants) this.grant(reply)
    else this.withheld.push(reply)
  }
}
