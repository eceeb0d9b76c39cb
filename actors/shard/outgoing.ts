import {
  askMessage,
  type CancelMessage,
  cancelMessage,
  type Dispatch,
  type ExtensionAnswer,
  limits,
  type Outcome,
  outcomesMessage,
  type RunMessage,
  runMessage,
  type Want,
} from '@covey/protocol'
import type { Environment, Self } from '../environment.js'
import { cut, dispatchBytes, outcomeBytes } from './frame-sizes.js'
import { type ShardState, stateOf, type WorkflowRecord, workerKey } from './shard-state.js'
import { placeOf } from './terms.js'

type CancelOrder = CancelMessage['cancels'][number]

interface Address {
  readonly worker: string
  readonly generation: number
}

interface WorkerMail extends Address {
  readonly logged: string[]
  readonly dispatches: Dispatch[]
  readonly cancels: CancelOrder[]
  readonly extensions: ExtensionAnswer[]
  want?: Want
  isUrgent: boolean
}

/** Results of the dependencies of a workflow. */
const handedOver = ({ after, job }: WorkflowRecord): (readonly [string, Uint8Array])[] =>
  after.flatMap((step) => {
    const result = job.steps.get(step)?.result
    return result ? [[step, result] as const] : []
  })

/** What of a workflow goes to the worker that got it. */
export function dispatchOf(record: WorkflowRecord): Dispatch | undefined {
  const { token, policy, credits, attempt } = record.snapshot.context
  if (token === null || policy === null) return undefined
  const dispatch: Dispatch = {
    token,
    workflow: record.id,
    name: record.name,
    version: policy.version,
    credits: [...credits],
    attempt,
    timeoutMs: policy.timeoutMs,
    exclusive: policy.exclusive,
    input: record.input,
  }
  const results = record.after.length === 0 ? [] : handedOver(record)
  if (results.length > 0) dispatch.results = Object.fromEntries(results)
  return dispatch
}

/** What a caller is told of a workflow. */
export function outcomeOf(record: WorkflowRecord): Outcome {
  const state = stateOf(record)
  const { error, attempt, worker } = record.snapshot.context
  const outcome: Outcome = { id: record.id, state, ended: record.snapshot.status === 'done' }
  if (record.result) outcome.result = record.result
  if (!error || state === 'completed') return outcome
  outcome.error = error
  return worker === null ? outcome : { ...outcome, attempt, node: worker }
}

/** Whether a mail only tells that words are in the log: the credits for their slots are with the leader already (K9). */
const mayWait = ({ dispatches, cancels, extensions, want, isUrgent }: WorkerMail): boolean =>
  dispatches.length + cancels.length + extensions.length === 0 && want === undefined && !isUrgent

/** Everything that a leader says after an apply, gathered by destination: one frame for each, not one for each event. */
export class Outgoing {
  readonly #env: Environment
  readonly #state: ShardState
  readonly #self: Self
  readonly #workers = new Map<string, WorkerMail>()
  readonly #pushes = new Map<string, Outcome[]>()
  /** Until what may wait is sent. */
  #timer: unknown

  constructor(env: Environment, state: ShardState, self: Self) {
    this.#env = env
    this.#state = state
    this.#self = self
  }

  dispatch(to: Address, dispatch: Dispatch): void {
    this.#mail(to).dispatches.push(dispatch)
  }

  /** Tells a worker that its word is in the log, so that its slot is free (K9). */
  logged(to: Address, token: string, isUrgent = false): void {
    const mail = this.#mail(to)
    mail.logged.push(token)
    if (isUrgent) mail.isUrgent = true
  }

  /** Tells a worker that the shard could use more of its slots. */
  want(to: Address, want: Want): void {
    this.#mail(to).want = want
  }

  /** Answers an attempt that asked for more time (H17). */
  extend(to: Address, answer: ExtensionAnswer): void {
    this.#mail(to).extensions.push(answer)
  }

  cancel(to: Address, order: CancelOrder): void {
    this.#mail(to).cancels.push(order)
  }

  push(inbox: string, outcome: Outcome): void {
    const outcomes = this.#pushes.get(inbox)
    if (outcomes) outcomes.push(outcome)
    else this.#pushes.set(inbox, [outcome])
  }

  /** Asks what has become of attempts; the worker burns those that it does not know (K4). */
  ask(to: Address, records: readonly WorkflowRecord[], opening: boolean): void {
    const questions = records.flatMap((record) => {
      const { token, credits } = record.snapshot.context
      return token === null ? [] : [{ token, workflow: record.id, credits: [...credits] }]
    })
    const parts = [...cut(questions, () => 256)]
    if (parts.length === 0) parts.push([])
    parts.forEach((part, index) => {
      const last = index === parts.length - 1
      this.#toWorker(to, 'ask', askMessage.encode({ opening, last, questions: part, ...this.#sender() }))
    })
  }

  /** Sends what has been gathered. That words are in the log goes with the next dispatch, or a little later. */
  flush(): void {
    for (const [key, mail] of this.#workers) {
      if (mayWait(mail)) this.#timer ??= this.#env.clock.setTimeout(this.#onWaited, limits.loggedDelayMs)
      else this.#flushWorker(key, mail)
    }
    for (const [inbox, outcomes] of this.#pushes) {
      for (const part of cut(outcomes, outcomeBytes)) {
        this.#env.links.control.publish(inbox, outcomesMessage.encode({ outcomes: part }))
      }
    }
    this.#pushes.clear()
  }

  /** Sends nothing more. */
  stop(): void {
    this.#env.clock.clearTimeout(this.#timer)
    this.#workers.clear()
    this.#pushes.clear()
  }

  readonly #onWaited = (): void => {
    this.#timer = undefined
    for (const [key, mail] of this.#workers) this.#flushWorker(key, mail)
  }

  #flushWorker(key: string, mail: WorkerMail): void {
    this.#workers.delete(key)
    for (const cancels of cut(mail.cancels, () => 512)) {
      this.#toWorker(mail, 'cancel', cancelMessage.encode({ cancels, ...this.#sender() }))
    }
    const logged = [...cut(mail.logged, () => 64)]
    const dispatches = [...cut(mail.dispatches, dispatchBytes)]
    const extensions = [...cut(mail.extensions, () => limits.reasonTextMax + 128)]
    const wanted = mail.want === undefined ? 0 : 1
    const frames = Math.max(logged.length, dispatches.length, extensions.length, wanted)
    for (let index = 0; index < frames; index += 1) {
      const body: RunMessage = {
        logged: logged[index] ?? [],
        dispatches: dispatches[index] ?? [],
        ...this.#sender(),
      }
      const answers = extensions[index]
      if (answers !== undefined) body.extensions = answers
      // With the last: what it says holds after all the others.
      if (index === frames - 1 && mail.want !== undefined) body.want = mail.want
      this.#toWorker(mail, 'run', runMessage.encode(body))
    }
  }

  #sender() {
    const { nodeId, generation } = this.#self
    const { shard, epoch } = this.#state
    return { shard, epoch, leader: nodeId, leaderGeneration: generation, ...placeOf(this.#state) }
  }

  #toWorker({ worker, generation }: Address, operation: 'run' | 'cancel' | 'ask', data: Uint8Array): void {
    this.#env.links.control.publish(this.#env.subjects.node(worker, generation, operation), data)
  }

  #mail({ worker, generation }: Address): WorkerMail {
    const key = workerKey(worker, generation)
    const known = this.#workers.get(key)
    if (known) return known
    const lists = { logged: [], dispatches: [], cancels: [], extensions: [] }
    const mail: WorkerMail = { worker, generation, ...lists, isUrgent: false }
    this.#workers.set(key, mail)
    return mail
  }
}
