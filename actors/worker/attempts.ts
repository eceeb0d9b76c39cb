import type { AttemptContext, AttemptPlace, EndingWord, Stop, StopCause } from '@covey/machines'
import {
  CoveyError,
  type Dispatch,
  type ErrorCode,
  type ExtensionAnswer,
  outboxMessage,
} from '@covey/protocol'
import type { CreateOutcome } from '@covey/transport'
import type { Environment, Self } from '../environment.js'
import { bindAttempt } from './attempt.actor.js'
import { CodeRunner } from './code-runner.js'
import { ExtensionAsks } from './extension-asks.js'
import type { HostedWorkflow } from './hosted-workflow.js'
import type { TurnWords } from './turn-words.js'

/** What the attempts of one worker work with. */
export interface AttemptsOptions {
  readonly env: Environment
  readonly self: Self
  readonly workflows: readonly HostedWorkflow[]
  readonly words: TurnWords
  /** The ending word of an attempt is in the outbox. */
  readonly onStored: (place: AttemptPlace) => void
  /** The wall clock that people go by, in milliseconds. */
  readonly shownNow: () => number
  /** How long the lease of a shard still holds; `undefined` where it does not. */
  readonly leaseLeftMs: (shard: number) => number | undefined
}

const abortCodes: Readonly<Record<StopCause, ErrorCode>> = {
  cancel: 'workflow_cancelled',
  timeout: 'workflow_timeout',
  fenced: 'fenced',
  drained: 'departed',
}

const prefix = 'attempt'
/** A flat text, which is looked up many times: see `joinWorkflowId`. */
const addressOf = ({ shard, token }: AttemptPlace): string => [prefix, shard, token].join('.')

/** The attempts of one worker: an actor and the code of each, from the dispatch until the ending word is in the log. */
export class Attempts {
  readonly #options: AttemptsOptions
  readonly #code: CodeRunner
  readonly #asks: ExtensionAsks
  readonly #logic: ReturnType<typeof bindAttempt>
  /** One for all: what one worker repeats goes out together, what different workers repeat does not. */
  readonly #chance: number

  constructor(options: AttemptsOptions) {
    const { env, self, workflows, words } = options
    this.#options = options
    this.#chance = env.random.next()
    this.#asks = new ExtensionAsks({
      clock: env.clock,
      chance: this.#chance,
      // Beside what else it says in this turn, which must not take its place.
      say: (address, shard, word) => words.say(`${address} extend`, shard, word, true),
    })
    this.#code = new CodeRunner({
      env,
      self,
      workflows,
      leaseLeftMs: options.leaseLeftMs,
      wallNow: options.shownNow,
      tell: (address, event) => {
        if (event.type !== 'code.started') this.#asks.end(address)
        env.system.send(address, event)
      },
      extend: ({ shard, dispatch: { token, workflow } }, ask) =>
        this.#asks.ask(addressOf({ shard, token }), shard, { token, workflow }, ask),
    })
    this.#logic = bindAttempt({
      startCode: (address) => this.#code.start(address),
      abortCode: (address, attempt, cause, reason) => {
        const text = reason === '' ? cause : `${cause}: ${reason}`
        const error = new CoveyError(abortCodes[cause], `the attempt was stopped (${text})`, {
          address: attempt.workflow,
        })
        this.#asks.refuse(address, 'the attempt is being stopped')
        this.#code.abort(address, error)
      },
      endHost: (address) => this.#code.endHost(address),
      say: (address, { shard }, word, prompt) => words.say(address, shard, word, prompt),
      store: (attempt, word) => void this.#store(attempt, word),
      freeSlot: ({ shard, token }) => options.onStored({ shard, token }),
      noticeOverdue: ({ workflow, token }) => env.notice({ kind: 'attempt.overdue', workflow, token }),
    })
  }

  /** Attempts whose code has not returned. */
  get running(): number {
    return this.#code.running
  }

  /** Whether the code of an attempt has not returned. */
  isRunning(address: string): boolean {
    return this.#code.isRunning(address)
  }

  start(shard: number, dispatch: Dispatch): void {
    const { token, workflow, timeoutMs } = dispatch
    const id = addressOf({ shard, token })
    const isolated = this.#code.load(id, shard, dispatch)
    const input = { shard, token, workflow, timeoutMs, isolated, chance: this.#chance }
    this.#options.env.system.spawn(this.#logic, { id, input })
  }

  stop({ shard, token, ...stop }: AttemptPlace & Stop): void {
    this.#options.env.system.send(addressOf({ shard, token }), { type: 'attempt.stop', ...stop })
  }

  /** An attempt has been answered that asked for more time. */
  extend(place: AttemptPlace, answer: ExtensionAnswer): void {
    const address = addressOf(place)
    const ms = this.#asks.answer(address, answer)
    if (ms > 0) this.#options.env.system.send(address, { type: 'attempt.extended', ms })
  }

  /** The attempt says again what has become of it. */
  ask(place: AttemptPlace): void {
    this.#options.env.system.send(addressOf(place), { type: 'attempt.ask' })
  }

  /** The ending word of an attempt is in the log: it is over. */
  settle(place: AttemptPlace): void {
    this.#options.env.system.send(addressOf(place), { type: 'word.logged' })
  }

  /** Aborts all code and ends all actors. */
  close(): void {
    this.#asks.close()
    this.#code.close()
    const { system } = this.#options.env
    for (const address of system.addresses()) if (address.startsWith(`${prefix}.`)) system.stop(address)
  }

  async #store({ shard, token, workflow }: AttemptContext, word: EndingWord): Promise<void> {
    const { env, self } = this.#options
    const { nodeId: worker, generation } = self
    const subject = env.subjects.outbox(shard, worker, generation, workflow, token)
    const data = outboxMessage.encode({ worker, generation, report: { ...word, credits: [] } })
    const outcome = await create(env, subject, data)
    // The subject names this generation and the token, so whoever was first was this attempt.
    if (outcome.kind === 'created' || outcome.kind === 'exists') {
      const address = addressOf({ shard, token })
      if (env.system.has(address)) env.system.send(address, { type: 'word.stored' })
      return
    }
    const reason = outcome.kind === 'full' ? 'the outbox is full' : outcome.reason
    env.notice({ kind: 'store.waiting', what: `the word on ${workflow}`, reason })
  }
}

async function create(env: Environment, subject: string, data: Uint8Array): Promise<CreateOutcome> {
  try {
    return await env.links.outbox.create(subject, data)
  } catch (error) {
    return { kind: 'unavailable', reason: error instanceof Error ? error.message : String(error) }
  }
}
