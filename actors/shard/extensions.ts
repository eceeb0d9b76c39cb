import { judgeExtension } from '@covey/machines'
import type { ExtensionAnswer, ReportOf } from '@covey/protocol'
import type { Outgoing } from './outgoing.js'
import { isEnded, type ShardState, stateOf, type WorkflowRecord } from './shard-state.js'
import type { Propose } from './term-log.js'

/** What extensions are made with: one per term. */
export interface ExtensionsOptions {
  readonly state: ShardState
  readonly outgoing: Pick<Outgoing, 'extend'>
  readonly propose: Propose
  /** The due time of a workflow has moved. */
  readonly onMoved: (record: WorkflowRecord) => void
}

interface From {
  readonly worker: string
  readonly generation: number
}

/**
 * Answers attempts that ask for more time (H17). What is granted is in the log, and with it the due time that moves (K16);
 * what the applied state refuses is answered from it, for it would refuse it also after an append. A word that finds the
 * queue of the log full is not answered: the worker asks again.
 */
export class Extensions {
  readonly #options: ExtensionsOptions

  constructor(options: ExtensionsOptions) {
    this.#options = options
  }

  take(from: From, ask: ReportOf<'extend'>): void {
    const { state, propose } = this.#options
    const record = state.workflows.get(ask.workflow)
    // A workflow that the log does not have: whoever said so knows a log that this one is not (K11). No answer.
    if (record === undefined) return
    const answer = this.#answerOf(record, ask)
    if (answer !== undefined) {
      this.#say(from, answer)
      return
    }
    const { workflow, token, number, progress, wantedMs } = ask
    // Who asks runs: that word may be on its way still, and only what runs has a timeout.
    if (stateOf(record) === 'assigned') propose({ type: 'workflow.started', workflow, token })
    const wanted = wantedMs === undefined ? {} : { wantedMs }
    propose({ type: 'workflow.extended', workflow, token, number, progress, ...wanted }, () => {
      this.#options.onMoved(record)
      const decided = this.#answerOf(record, ask)
      if (decided !== undefined) this.#say(from, decided)
    })
  }

  /** The answer where the applied state has it: nothing is given to what is being stopped, or has ended. */
  #answerOf(record: WorkflowRecord, ask: ReportOf<'extend'>): ExtensionAnswer | undefined {
    const { token, number } = ask
    const { token: current, policy, extension } = record.snapshot.context
    const value = stateOf(record)
    if (current !== token || policy === null || isEnded(value))
      return { token, number, grantedMs: 0, reason: 'the attempt is over' }
    if (value !== 'running' && value !== 'assigned')
      return { token, number, grantedMs: 0, reason: 'the attempt is being stopped' }
    const verdict = judgeExtension(policy.timeoutMs, extension, ask)
    if (verdict.kind === 'granted') return undefined
    return verdict.kind === 'again'
      ? { token, number, grantedMs: verdict.ms }
      : { token, number, grantedMs: 0, reason: verdict.reason }
  }

  #say({ worker, generation }: From, answer: ExtensionAnswer): void {
    this.#options.outgoing.extend({ worker, generation }, answer)
  }
}
