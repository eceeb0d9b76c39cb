import { setMaxListeners } from 'node:events'
import {
  CoveyError,
  type GoodbyeReason,
  goodbyeReasons,
  type Subjects,
  splitWorkflowId,
} from '@covey/protocol'
import { orderLeave } from 'covey'
import type { ClusterWatch, InspectedCluster } from './cluster-watch.js'
import type { InspectorLimits } from './inspector-limits.js'
import { JobProgress } from './job-progress.js'
import { LogFold } from './log-fold.js'
import { logPage } from './log-pages.js'
import type { NodeAnswers } from './node-answers.js'
import type { ActorRow, Answers, PageQuestion } from './page-protocol.js'

/** What answers stand on. */
export interface ClusterAnswersOptions extends InspectedCluster {
  readonly watch: ClusterWatch
  readonly nodes: NodeAnswers
  readonly subjects: Subjects
  readonly limits: InspectorLimits
  /** Whether a page may cancel, and tell nodes to leave. */
  readonly mayOperate: boolean
}

interface Home {
  readonly node: string
  readonly generation: number
}

/** Answers what pages ask: by the leader, by the node concerned, or by the log. */
export class ClusterAnswers {
  readonly #options: ClusterAnswersOptions
  readonly #closing = new AbortController()
  readonly #progress: JobProgress
  readonly #fold: LogFold

  constructor(options: ClusterAnswersOptions) {
    const { client, links, clock, limits, subjects } = options
    this.#options = options
    // Each question that reads the log listens to it: only more of them than may be open would be a leak.
    setMaxListeners(limits.pagesMax * limits.questionsInFlightMax, this.#closing.signal)
    this.#progress = new JobProgress(client, clock, limits)
    const log = (shard: number) => links.log(shard)
    this.#fold = new LogFold({
      log,
      objects: links.objects,
      subjects,
      clock,
      limits,
      signal: this.#closing.signal,
    })
  }

  /** Rejects with the error of whoever could not answer. */
  answer(question: PageQuestion): Promise<Answers[PageQuestion['type']]> {
    switch (question.type) {
      case 'actor.get':
        return this.#actor(question.key)
      case 'jobs.list':
        return this.#jobs()
      case 'job.get':
        return this.#job(question.job)
      case 'letters.list':
        return this.#letters()
      case 'log.page':
        return this.#log(question)
      case 'log.fold':
        return this.#fold.at(question.shard, question.sequence)
      case 'job.cancel':
        return this.#cancel(question)
      case 'node.leave':
        return this.#leave(question)
    }
  }

  /** Leaves nothing of what is under way. */
  close(): void {
    this.#closing.abort()
    this.#progress.close()
    this.#fold.close()
  }

  async #actor(key: string): Promise<Answers['actor.get']> {
    const { watch, nodes, limits } = this.#options
    const row = watch.actors.find(key)
    if (row === undefined) throw new CoveyError('not_found', `no actor ${key}`, { address: key })
    const { node, generation } = this.#homeOf(row)
    const last = watch.timeline.last(limits.lastTransitionsMax, key)
    const { kind, actor } = row
    const told = await nodes.ask(node, generation, { type: 'actor', kind, actor })
    if (told?.type !== 'actor') return { row, context: null, timers: [], last }
    const { state, context, timers } = told
    return { row: { ...row, state }, context: JSON.parse(context) as unknown, timers, last }
  }

  /** Folded charts are asked of who leads now, which may not be who told of them last. */
  #homeOf({ key, node, generation }: ActorRow): Home {
    const shard = /^shard\.(\d+)\//.exec(key)?.[1]
    const leader =
      shard === undefined ? undefined : this.#leaders().find((led) => led.shard === Number(shard))
    return leader ?? { node, generation }
  }

  #leaders(): readonly (Home & { readonly shard: number })[] {
    const { watch } = this.#options
    const shards = watch.status.status?.shards ?? []
    return shards.flatMap(({ shard, leader }) => {
      const member = watch.members.find(({ nodeId }) => nodeId === leader)
      return member ? [{ shard, node: member.nodeId, generation: member.generation }] : []
    })
  }

  /** A manager tells of all shards that it leads; one that does not answer leaves its own out, as in a status. */
  async #jobs(): Promise<Answers['jobs.list']> {
    const managers = new Map(this.#leaders().map((leader) => [leader.node, leader]))
    if (managers.size === 0)
      throw new CoveyError('no_leader', 'no leader is known yet', { mend: 'try again' })
    const asked = [...managers.values()].map(({ node, generation }) =>
      this.#options.nodes.demand(node, generation, { type: 'jobs' }),
    )
    const answers = await Promise.allSettled(asked)
    const [silence] = answers.filter(({ status }) => status === 'rejected')
    if (silence?.status === 'rejected' && answers.every(({ status }) => status === 'rejected'))
      throw silence.reason
    return answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value.jobs : []))
  }

  async #job(job: string): Promise<Answers['job.get']> {
    const { client, limits } = this.#options
    const progress = this.#progress.of(job)
    const within = { deadlineMs: limits.answerDeadlineMs }
    const { total } = await client.summary(job, within)
    if (total > limits.jobStepsMax) {
      const what = `${job} has ${total} workflows, and a page is shown ${limits.jobStepsMax} at most`
      throw new CoveyError('too_large', what, { address: job, mend: `covey job ${job} lists them all` })
    }
    const { id, state, workflows } = await client.job(job, within)
    const steps = workflows.map(({ id: workflow, after = [], ...view }) => {
      const { step } = splitWorkflowId(workflow)
      return { ...view, step, after, progress: progress.get(workflow) ?? null }
    })
    return { id, state, steps }
  }

  async #letters(): Promise<Answers['letters.list']> {
    const { watch, limits } = this.#options
    return watch.letters.list(limits.lettersListedMax)
  }

  #log(question: Extract<PageQuestion, { type: 'log.page' }>): Promise<Answers['log.page']> {
    const { links, subjects, clock, limits } = this.#options
    return logPage(links.log(question.shard), subjects, question, {
      clock,
      limits,
      signal: this.#closing.signal,
    })
  }

  async #cancel({
    job,
    reason,
  }: Extract<PageQuestion, { type: 'job.cancel' }>): Promise<Answers['job.cancel']> {
    this.#refuseOrders()
    const { client, limits } = this.#options
    return client.cancel(job, { reason, deadlineMs: limits.answerDeadlineMs })
  }

  async #leave(question: Extract<PageQuestion, { type: 'node.leave' }>): Promise<Answers['node.leave']> {
    this.#refuseOrders()
    const { client, links, limits } = this.#options
    const { node, generation } = question
    const reason = goodbyeReasons.find((known): known is GoodbyeReason => known === question.reason)
    if (reason === undefined)
      throw new CoveyError('invalid_options', `${question.reason} is no reason to leave`)
    const { cluster } = client
    await orderLeave({ links, cluster, node, generation, reason, deadlineMs: limits.answerDeadlineMs })
    return { told: true }
  }

  #refuseOrders(): void {
    if (this.#options.mayOperate) return
    throw new CoveyError('permission_denied', 'this inspector only shows', {
      mend: 'use the command: covey cancel, covey leave',
    })
  }
}
