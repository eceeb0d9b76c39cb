import { ChurnMap } from '@covey/engine'
import { classOfCommand } from '@covey/machines'
import {
  type Answer,
  type AnswerOf,
  type AnswersMessage,
  answersMessage,
  type Command,
  CoveyError,
  commandsMessage,
  errorFromReport,
  limits,
  type StreamPlace,
  seenOf,
} from '@covey/protocol'
import type { Bus, Clock, Random, RequestOutcome } from '@covey/transport'
import { codeOf, lastSilence, type NoAnswer, noAnswer, type Silence } from './no-answer.js'
import { Repeats } from './repeats.js'
import { SeenEnd } from './seen-end.js'
import { SendWindow } from './send-window.js'
import {
  datedAnew,
  isCancel,
  numbered,
  type Question,
  type WaitingCommand,
  waitingFrom,
  waitingMax,
} from './waiting-command.js'

/** What a queue of commands stands on. */
export interface CommandQueueOptions {
  readonly bus: Bus
  readonly clock: Clock
  readonly random: Random
  readonly shard: number
  /** The subject on which whoever leads the shard is heard (K23). */
  readonly subject: string
  /** Names this client: a repeat is known by it and the command's number (K24). */
  readonly client: string
  /** Hears of every higher epoch: a new leader knows nothing of what the old one owed this client. */
  readonly onNewLeader: () => void
}

/** Room that the envelope of a frame takes. */
const envelopeBytes = 1_024

/**
 * The commands of one client to one shard.
 *
 * 1. All commands of one turn go in one frame, cut by count and by bytes.
 * 2. A frame without an answer is sent again, same numbers and same content, until each command's own deadline.
 * 3. What a loaded leader refuses for now is sent again when it says, and it says how many may be under way (H19).
 * 4. A command settles once: by its answer, at its deadline, or when the queue is closed. At its deadline nothing is sent: it
 *    would be done while its caller is told that it was not.
 */
export class CommandQueue {
  readonly #options: CommandQueueOptions
  readonly #waiting = new ChurnMap<number, WaitingCommand>()
  #turn: WaitingCommand[] = []
  #number = 0
  #epoch = 0
  /** The end of the log in the newest answer. */
  #learned: number | undefined
  readonly #seen = new SeenEnd()
  readonly #repeats: Repeats<WaitingCommand>
  readonly #window: SendWindow<WaitingCommand>
  #closed: CoveyError | undefined

  constructor(options: CommandQueueOptions) {
    this.#options = options
    const { clock, random } = options
    this.#repeats = new Repeats({
      ...{ clock, random, send: (waiting) => this.#enqueueInTime(waiting) },
      isFree: ({ command }) => isCancel(command),
    })
    this.#window = new SendWindow({
      clock,
      release: (waiting) => this.#enqueueInTime(waiting),
      expire: (waiting) => this.#giveUp(waiting),
    })
  }

  /**
   * Asks whoever leads the shard. `bytes` is what the command takes in a frame, at most.
   * Rejects the leader's own error, what `reject` is called with, or `no_leader`, `unreachable` or `overloaded` when
   * `deadlineMs` have passed.
   */
  ask(question: Question, deadlineMs: number, bytes = 512): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#closed !== undefined) return reject(this.#closed)
      if (this.#waiting.size >= waitingMax(question)) return reject(this.#error('overloaded'))
      this.#number += 1
      const command = numbered(question, this.#number, this.#learned)
      const deadlineAtMs = this.#options.clock.now() + deadlineMs
      const waiting = waitingFrom({ command, bytes, deadlineAtMs, resolve, reject })
      this.#waiting.set(this.#number, waiting)
      if (classOfCommand(question) === 'control' || this.#window.admits(waiting)) this.#enqueue(waiting)
    })
  }

  /**
   * Has the stream epoch of the shard raised, as one who has seen its log go on for ever; resolves with the new one when the
   * next leader answers. Rejects as `ask`, after what is left of the call's time.
   */
  async raise(within: () => number): Promise<number> {
    await this.ask({ type: 'status.get' }, within())
    await this.#seen.claimWhile(() => this.ask({ type: 'status.get' }, within()))
    return this.#seen.streamEpoch
  }

  /** Rejects everything that waits with the given error, and every later question too. */
  close(error: CoveyError): void {
    this.#closed = error
    this.#repeats.stop()
    this.#window.stop()
    this.#turn = []
    this.reject(error)
  }

  /** Rejects everything that waits; what is asked later is asked. */
  reject(error: CoveyError): void {
    for (const waiting of [...this.#waiting.values()]) this.#fail(waiting, error)
  }

  /** Sends what has waited, as far as its caller still does. */
  #enqueueInTime(commands: readonly WaitingCommand[]): void {
    const nowMs = this.#options.clock.now()
    const inTime = commands.filter(({ deadlineAtMs }) => deadlineAtMs > nowMs)
    for (const waiting of inTime) this.#enqueue(waiting)
    for (const waiting of commands) if (waiting.deadlineAtMs <= nowMs) this.#giveUp(waiting)
  }

  #enqueue(waiting: WaitingCommand): void {
    if (this.#turn.length === 0) queueMicrotask(() => this.#flush())
    waiting.isPaused = false
    this.#turn.push(waiting)
  }

  #flush(): void {
    const turn = this.#turn
    this.#turn = []
    let frame: WaitingCommand[] = []
    let bytes = envelopeBytes
    for (const waiting of turn) {
      const full =
        frame.length === limits.commandsPerMessageMax || bytes + waiting.bytes > limits.payloadBytesMax
      if (full && frame.length > 0) {
        void this.#send(frame)
        frame = []
        bytes = envelopeBytes
      }
      frame.push(waiting)
      bytes += waiting.bytes
    }
    if (frame.length > 0) void this.#send(frame)
  }

  async #send(frame: readonly WaitingCommand[]): Promise<void> {
    const { bus, clock, client, subject } = this.#options
    const { told } = this.#seen
    const timeoutMs = this.#repeats.answerTimeoutMs
    const isLinked = bus.state === 'up'
    const commands: Command[] = []
    let nextDeadlineAtMs = Number.POSITIVE_INFINITY
    for (const waiting of frame) {
      commands.push(waiting.command)
      waiting.sends += 1
      waiting.refusal = undefined
      nextDeadlineAtMs = Math.min(nextDeadlineAtMs, waiting.deadlineAtMs)
    }
    const data = commandsMessage.encode({ client, commands, ...seenOf(told) })
    try {
      const outcome = await bus.request(
        subject,
        data,
        Math.max(1, Math.min(timeoutMs, nextDeadlineAtMs - clock.now())),
      )
      if (!isLinked || reachedNobody(outcome)) for (const waiting of frame) waiting.sends -= 1
      if (outcome.kind === 'reply') this.#take(answersMessage.decode(outcome.data), told)
      this.#repeat(frame, outcome.kind === 'reply' ? 'partial' : outcome.kind)
    } catch (cause) {
      // The frame is too large or the answer is of another version: sending it again would end the same way.
      const error = cause instanceof CoveyError ? cause : this.#error('unavailable', cause)
      for (const waiting of frame) this.#fail(waiting, error)
    }
  }

  #take(message: AnswersMessage, told: readonly StreamPlace[]): void {
    const { streamEpoch, epoch, sequence, answers, credit } = message
    this.#repeats.answered(answers.length)
    if (streamEpoch >= this.#seen.streamEpoch) this.#learned = sequence
    for (const answer of answers) {
      const waiting = this.#waiting.get(answer.number)
      if (waiting === undefined) continue
      if (answer.type === 'error') this.#refuse(waiting, answer)
      else {
        this.#forget(waiting)
        waiting.resolve(answer)
      }
    }
    this.#window.setCredit(credit)
    const isNewer = streamEpoch > this.#seen.streamEpoch || epoch > this.#epoch
    this.#seen.learn(told, message)
    if (!isNewer) return
    const isFirst = this.#epoch === 0
    this.#epoch = epoch
    if (!isFirst) this.#options.onNewLeader()
  }

  /** What the leader refuses for good fails; what it refuses for now waits as long as it says, if its deadline lets it. */
  #refuse(waiting: WaitingCommand, { error: report, afterMs }: AnswerOf<'error'>): void {
    const error = errorFromReport(report, { retryAfterMs: afterMs })
    if (waiting.sends === 1) {
      // The only time that it went out is refused: it did not run, and may say what is known by now.
      waiting.sends = 0
      const dated = datedAnew(waiting.command, this.#learned)
      if (error.code === 'too_old' && dated !== waiting.command) {
        waiting.command = dated
        return
      }
    }
    if (afterMs === undefined) {
      this.#fail(waiting, error)
      return
    }
    waiting.refusal = error
    if (this.#options.clock.now() + afterMs >= waiting.deadlineAtMs) {
      this.#giveUp(waiting)
      return
    }
    waiting.isPaused = true
    this.#repeats.refused(waiting, afterMs)
  }

  /** Sends again what has no answer yet and time left. */
  #repeat(frame: readonly WaitingCommand[], silence: Silence): void {
    const nowMs = this.#options.clock.now()
    const left: WaitingCommand[] = []
    for (const waiting of frame) {
      if (waiting.isPaused || !this.#waiting.has(waiting.command.number)) continue
      waiting.silence = lastSilence(waiting, silence)
      if (waiting.deadlineAtMs > nowMs) left.push(waiting)
      else this.#giveUp(waiting)
    }
    if (left.length === 0) return
    // Who waited for an answer in vain has waited; who found nobody would find nobody at once again.
    this.#repeats.unanswered(left, silence === 'timeout')
  }

  /**
   * Its deadline comes first: it is told what was heard of it last. It was refused where that is so of each time that it went
   * out, else it may run. What was never sent waited for credit.
   */
  #giveUp(waiting: WaitingCommand): void {
    const { refusal, silence, sends } = waiting
    const error = sends === 0 ? refusal : undefined
    this.#fail(waiting, error ?? this.#error(silence === undefined ? 'overloaded' : codeOf(silence), refusal))
  }

  #fail(waiting: WaitingCommand, error: CoveyError): void {
    if (this.#forget(waiting)) waiting.reject(error)
  }

  #forget(waiting: WaitingCommand): boolean {
    const isKnown = this.#waiting.delete(waiting.command.number)
    if (isKnown) this.#window.settle(waiting)
    return isKnown
  }

  #error(code: NoAnswer, cause?: unknown): CoveyError {
    return noAnswer(code, this.#options, cause)
  }
}

/** A frame that timed out, or was under way when the link broke, may have been heard; one that found nobody was not. */
const reachedNobody = ({ kind }: RequestOutcome): boolean => kind === 'noResponders' || kind === 'overloaded'
