import type { Notice, StatisticsWindow } from '@covey/actors'
import { CoveyError, createSubjects, jobId, outcomesMessage, type Subjects } from '@covey/protocol'
import type { BusMessage, Clock, Links, Random } from '@covey/transport'
import { firstValueFrom, type Observable, ReplaySubject, takeUntil, throwIfEmpty } from 'rxjs'
import { noticeLinkNews } from '../link-news.js'
import { tracedResult } from '../tracing/client-spans.js'
import { sdkGuard } from '../tracing/sdk-guard.js'
import { actorStates } from '../transitions/actor-states.js'
import { transitionStreams } from '../transitions/transition-streams.js'
import type { TransitionFilter } from '../transitions/typed-transition.js'
import type { Workflow } from '../workflow/define-workflow.js'
import type { Client } from './client-contract.js'
import { clientTimings } from './client-timings.js'
import { CommandQueue, type CommandQueueOptions } from './command-queue.js'
import { followedJob } from './followed-job.js'
import { JobCommands, resultId } from './job-commands.js'
import { jobList } from './job-list.js'
import { statisticsOf } from './job-statistics.js'
import { Submissions } from './job-submissions.js'
import { LargeResults } from './large-results.js'
import { memberList } from './member-list.js'
import { NodeOrders } from './node-orders.js'
import { PendingResults } from './pending-results.js'
import { progressStream } from './progress-stream.js'
import { ShardQueues } from './shard-queues.js'
import { StreamLife, sharedByKey } from './shared-stream.js'
import { statisticsStream } from './statistics-stream.js'
import { patient } from './time-left.js'

/** What a client is made with. */
export interface ClientParts {
  readonly links: Links
  readonly cluster: string
  /** How many shards the cluster has. Default: as many as the links know of, else it is asked. */
  readonly shards?: number
  readonly clock: Clock
  readonly random: Random
  /** Milliseconds after which a command is given up whose caller names no deadline. */
  readonly deadlineMs?: number
  /** Who cancels by it. */
  readonly name?: string | undefined
  /** Hears of frames that were refused at the door. */
  readonly notice: (notice: Notice) => void
}

/** The streams of a client, each shared by all who subscribe, and the life that they are bound to. */
function createStreams(
  parts: ClientParts,
  subjects: Subjects,
  commands: JobCommands,
  queues: ShardQueues,
  ending: (job: string) => Observable<void>,
) {
  const { links, clock, random, notice } = parts
  const bus = links.data
  const members$ = memberList(links.facts, subjects, notice)
  const ground = { bus, subjects, clock, members$, notice }
  const transitions = transitionStreams({ ...ground, drawName: () => random.id() })
  const summary = (id: string) => commands.summary(id, patient)
  const list = () => commands.list()
  const jobs$ = jobList({ clock, transitions$: transitions({ kind: 'job' }), list, summary })
  const progress = sharedByKey((id) => progressStream({ bus, subjects, shards: queues, notice }, id))
  const page = (job: string, after: number) => commands.statistics(job, after, patient)
  const statistics = sharedByKey(
    (job) => statisticsStream({ ...ground, shards: queues, page, ending }, job),
    () => new ReplaySubject<readonly StatisticsWindow[]>(1),
  )
  const states = <Kind extends string>(wanted: TransitionFilter<Kind>, deadlineMs: number) =>
    actorStates<Kind>({ ...ground, watch: random.id(), filter: wanted, deadlineMs })
  return { life: new StreamLife(), members$, jobs$, transitions, states, progress, statistics, summary }
}

const queueOf =
  (
    { links, clock, random }: ClientParts,
    { subjects, ...about }: Pick<CommandQueueOptions, 'client' | 'onNewLeader'> & { subjects: Subjects },
  ) =>
  (shard: number): CommandQueue =>
    new CommandQueue({ bus: links.control, clock, random, shard, subject: subjects.command(shard), ...about })

/** What is asked of jobs that are there. */
const jobCalls = (
  commands: JobCommands,
  notice: ClientParts['notice'],
): Pick<Client, 'cancel' | 'cancelMatching' | 'job' | 'summary' | 'statistics'> => ({
  cancel: (id, options) => commands.cancel(id, options),
  cancelMatching: (filter, options) => commands.cancelMatching(filter, options),
  job: (id, options) => commands.describe(id, options),
  summary: async (id, options) => commands.summary(id, commands.time('summary', options)),
  statistics: (job, options) => statisticsOf(commands, job, options, notice),
})

/** What operators ask for. */
const operatorCalls = (
  orders: NodeOrders,
  commands: JobCommands,
): Pick<Client, 'leave' | 'evict' | 'readmit' | 'restored'> => ({
  leave: (node, options) => orders.leave(node, options),
  evict: (node, options) => orders.evict(node, options),
  readmit: (node, options) => orders.readmit(node, options),
  restored: (options) => commands.restored(options),
})

/** What is asked of actors, for good or once. */
const actorCalls = (
  { life, transitions, states }: ReturnType<typeof createStreams>,
  commands: JobCommands,
): Pick<Client, 'transitions' | 'actors'> => ({
  transitions: (filter = {}) => life.bind(transitions(filter)),
  actors: async (filter = {}, options) => {
    const within = commands.time('actors', options)
    return firstValueFrom(life.bind(states(filter, within())).pipe(throwIfEmpty(closedError)))
  },
})

const closedError = (): CoveyError => new CoveyError('closed', 'the client has been closed')

/** A client on links that are open. Closing it leaves the links to who opened them. */
export function createClient(parts: ClientParts): Client {
  const { links, cluster, clock, random, deadlineMs = clientTimings.deadlineMs, notice } = parts
  const subjects = createSubjects(cluster)
  const client = random.id()
  const notify = `${links.data.inbox()}.${client}`
  const queues = new ShardQueues({
    ...{ links, subjects, clock, notice, shards: parts.shards ?? links.shards },
    open: queueOf(parts, { subjects, client, onNewLeader: () => results.hurry() }),
  })
  const commands = new JobCommands({ queues, notify, deadlineMs, clock, name: parts.name })
  const large = new LargeResults({ links, subjects, shards: queues, clock, notice })
  const results = new PendingResults({ clock, ask: (id) => commands.outcome(id), large })
  const ending = (job: string): Observable<void> => results.ending(job)
  const streams = createStreams(parts, subjects, commands, queues, ending)
  const { life, members$, jobs$, transitions, progress, summary } = streams
  const guard = sdkGuard(notice)
  const orders = new NodeOrders({ links, subjects, clock, members$: life.bind(members$), deadlineMs })
  const submissions = new Submissions({
    commands,
    results,
    streams: {
      transitions: (job) => life.bind(followedJob(job, { clock, transitions, summary, ending })),
      progress: (job) => life.bind(progress(job).pipe(takeUntil(ending(job)))),
      statistics: (job) => life.bind(streams.statistics(job)),
    },
    notice,
    cluster,
    guard,
    prefix: client.slice(0, 16),
  })
  const stopPushes = links.data.subscribe(notify, (message) => takePush(message, results, notice))
  // What was pushed while the link was down is lost.
  const stopNews = links.data.onNews(
    (news) => news.kind === 'state' && news.state === 'up' && results.hurry(),
  )
  const stopLinkNews = noticeLinkNews({ links, notice })
  return {
    cluster,
    members$: life.bind(members$),
    jobs$: life.bind(jobs$),
    submit: <Given, Output>(workflow: Workflow<Given, Output> | string, input?: unknown, options = {}) =>
      submissions.one(workflow, input, options),
    submitJob: (job, options = {}) => submissions.steps(job, options),
    async result(given, options) {
      const id = resultId(given)
      return tracedResult(guard, results.find(id, options), id)
    },
    ended: async (job, options) => (await results.find(jobId(job), options, 'ended')) as string,
    async status(options) {
      const { nodes, shards: led, jobs } = await commands.status(options)
      return { cluster, broker: links.broker, nodes, shards: led, jobs }
    },
    ...jobCalls(commands, notice),
    ...operatorCalls(orders, commands),
    handle: (job) => submissions.find(job),
    ...actorCalls(streams, commands),
    progress: (id) => life.bind(progress(id)),
    async close() {
      const error = closedError()
      stopPushes()
      stopNews()
      stopLinkNews()
      life.end(error)
      results.close(error)
      queues.close(error)
    },
  }
}

function takePush(
  { subject, data }: BusMessage,
  results: PendingResults,
  notice: ClientParts['notice'],
): void {
  try {
    for (const outcome of outcomesMessage.decode(data).outcomes) results.take(outcome)
  } catch (error) {
    notice({ kind: 'frame.refused', subject, error })
  }
}
