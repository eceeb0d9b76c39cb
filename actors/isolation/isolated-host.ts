import {
  CoveyError,
  errorFromReport,
  hostAbort,
  type hostExtend,
  hostExtended,
  hostRun,
  hostWords,
  limits,
  reportOfError,
  type TokenText,
  unpackValue,
  withoutStack,
} from '@covey/protocol'
import type { Clock } from '@covey/transport'
import { type CodeEnding, failure } from '../worker/code-ending.js'
import type { HostedAttempt } from '../worker/hosted-workflow.js'
import type { CodePlace, HostChannel, OpenHost } from './host-channel.js'

/** A workflow that a host can run. */
export interface HostedName {
  readonly name: string
  readonly version: string
}

/** What a host works with. */
export interface IsolatedHostOptions {
  readonly place: CodePlace
  readonly open: OpenHost
  readonly clock: Clock
  /** Tells of what user code does that is not as it must be. */
  readonly onDefect: (what: string, error?: unknown) => void
}

interface Settle {
  readonly ready: (workflows: readonly HostedName[]) => void
  readonly failed: (error: CoveyError) => void
  readonly ended: () => void
}

interface Current {
  readonly attempt: HostedAttempt
  readonly finish: (ending: CodeEnding) => void
}

const endedError = ({ isolation, module }: CodePlace, how: string): CoveyError =>
  withoutStack(
    new CoveyError('host_ended', `the ${isolation} of the function ended: ${how}`, { address: module }),
  )

/** One thread or process with the module of a workflow, which runs one attempt at a time. */
export class IsolatedHost {
  /** What its module exports, once that is loaded; rejects where it ends before. */
  readonly ready: Promise<readonly HostedName[]>
  /** Resolves when it is gone; never rejects. */
  readonly ended: Promise<void>
  readonly #options: IsolatedHostOptions
  readonly #channel: HostChannel
  #settle: Settle | undefined
  #current: Current | undefined
  /** Why it ends or has ended. */
  #end: CoveyError | undefined
  #leasing: unknown

  constructor(options: IsolatedHostOptions) {
    this.#options = options
    let ended = (): void => undefined
    this.ended = new Promise((resolve) => {
      ended = resolve
    })
    this.ready = new Promise((ready, failed) => {
      this.#settle = { ready, failed, ended }
    })
    // Who waits for it is told; where nobody does, whoever runs something there is.
    this.ready.catch(() => undefined)
    this.#channel = options.open(options.place, {
      onWord: (frame) => this.#hear(frame),
      onEnd: (how) => this.#noteEnd(how),
    })
  }

  /** It has not ended, and has not been told to. */
  get isLive(): boolean {
    return this.#end === undefined
  }

  /** Runs an attempt there; resolves with how its code ended, be it by the end of the host. */
  run(attempt: HostedAttempt): Promise<CodeEnding> {
    return new Promise((resolve) => {
      const { signal, overdue, dispatch } = attempt
      const abort = (): void => this.#abort(dispatch.token, signal.reason as CoveyError)
      const end = (): void => this.end('its code ignored its signal')
      const finish = (ending: CodeEnding): void => {
        this.#current = undefined
        signal.removeEventListener('abort', abort)
        overdue.removeEventListener('abort', end)
        this.#options.clock.clearTimeout(this.#leasing)
        this.#channel.lease(undefined)
        resolve(ending)
      }
      this.#current = { attempt, finish }
      overdue.addEventListener('abort', end)
      void this.ready.then(
        () => {
          // It was stopped before its code has begun, or its host just ended.
          if (signal.aborted) finish(failure(signal.reason))
          else if (this.#current?.attempt === attempt) {
            signal.addEventListener('abort', abort)
            this.#begin(attempt)
          }
        },
        (error: unknown) => finish(failure(error)),
      )
    })
  }

  /** Ends it, whatever it does. */
  end(why: string): void {
    this.#end ??= endedError(this.#options.place, why)
    this.#channel.end()
  }

  #begin(attempt: HostedAttempt): void {
    const { node } = attempt
    // The results of dependencies may be larger than a dispatch takes.
    const { results, ...dispatch } = attempt.dispatch
    if (dispatch.exclusive) this.#lease(attempt)
    this.#channel.say(hostRun.encode({ dispatch, node, ...(results && { results }) }))
  }

  /** A lease that was fenced is told no more: the work has what is left of it, and is told to stop by its chart. */
  #lease(attempt: HostedAttempt): void {
    const leftMs = attempt.leaseLeftMs()
    if (leftMs !== undefined) this.#channel.lease(Math.max(0, leftMs + limits.fenceGraceMs))
    this.#leasing = this.#options.clock.setTimeout(() => this.#lease(attempt), limits.hostLeaseIntervalMs)
  }

  #abort(token: TokenText, error: CoveyError): void {
    this.#channel.say(hostAbort.encode({ token, error: reportOfError(error, limits.errorTextMax) }))
  }

  #hear(frame: unknown): void {
    if (!(frame instanceof Uint8Array)) return
    try {
      this.#take(hostWords.decode(frame))
    } catch (error) {
      this.#options.onDefect('a word of an isolated function cannot be read', error)
    }
  }

  #take(word: ReturnType<typeof hostWords.decode>): void {
    const { attempt, finish } = this.#current ?? {}
    if (word.kind === 'host.ready') {
      this.#channel.unref()
      this.#settle?.ready(word.body.workflows)
    } else if (word.kind === 'host.failed') {
      this.#end ??= withoutStack(errorFromReport(word.body.error))
      // It ends by itself; where user code holds that up, it is ended.
      this.#channel.end()
    } else if (word.body.token !== attempt?.dispatch.token) return
    else if (word.kind === 'host.progress') attempt.progress(unpackValue(word.body.value))
    else if (word.kind === 'host.statistics') attempt.statistics(word.body.value)
    else if (word.kind === 'host.extend') void this.#extend(attempt, word.body)
    else if (word.kind === 'host.defect') this.#options.onDefect(word.body.message)
    else finish?.(word.body.ending)
  }

  /** What the function is told does not outlive its attempt. */
  async #extend(
    attempt: HostedAttempt,
    { token, number, progress, wantedMs }: ReturnType<typeof hostExtend.decode>,
  ): Promise<void> {
    const answer = await attempt.extend({ progress, ...(wantedMs !== undefined && { wantedMs }) })
    if (this.#current?.attempt !== attempt) return
    this.#channel.say(hostExtended.encode({ token, number, ...answer }))
  }

  #noteEnd(how: string): void {
    this.#end ??= endedError(this.#options.place, how)
    this.#settle?.failed(this.#end)
    this.#current?.finish(failure(this.#end))
    this.#settle?.ended()
  }
}
