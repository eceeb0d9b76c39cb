import type { Notice } from '@covey/actors'
import { CoveyError, createSubjects, outcomesMessage, type Subjects, type Transition } from '@covey/protocol'
import type { BusMessage, Clock, Links, Random } from '@covey/transport'
import { type Observable, Subject, takeUntil } from 'rxjs'
import { noticeLinkNews } from '../link-news.js'
import { TransitionStream } from '../transitions/transition-stream.js'
import type { Workflow } from '../workflow/define-workflow.js'
import type { Client, TransitionFilter } from './client-contract.js'
import { clientTimings } from './client-timings.js'
import { CommandQueue } from './command-queue.js'
import { JobCommands, resultId } from './job-commands.js'
import { Submissions } from './job-submissions.js'
import { memberList } from './member-list.js'
import { PendingResults } from './pending-results.js'
import { progressStream } from './progress-stream.js'

/** What a client is made with. */
export interface ClientParts {
  readonly links: Links
  readonly cluster: string
  readonly shards: number
  readonly clock: Clock
  readonly random: Random
  /** Milliseconds after which a command is given up whose caller names no deadline. */
  readonly deadlineMs?: number
  /** Hears of frames that were refused at the door. */
  readonly notice: (notice: Notice) => void
}

type Streams = (filter: TransitionFilter) => Observable<Transition>

/** One stream for each filter that somebody has asked for, shared by all who asked for it. */
function transitionStreams(parts: ClientParts, subjects: Subjects, members$: Client['members$']): Streams {
  const { links, clock, random, notice } = parts
  const streams = new Map<string, Observable<Transition>>()
  return (filter) => {
    const key = JSON.stringify([filter.node, filter.kind, filter.actor])
    const known = streams.get(key)
    if (known !== undefined) return known
    const onStop = (): boolean => streams.delete(key)
    const options = { bus: links.data, subjects, clock, members$, watch: random.id(), filter, notice, onStop }
    const { transitions$ } = new TransitionStream(options)
    streams.set(key, transitions$)
    return transitions$
  }
}

/** A client on links that are open. Closing it leaves the links to who opened them. */
export function createClient(parts: ClientParts): Client {
  const { links, cluster, shards, clock, random, deadlineMs = clientTimings.deadlineMs, notice } = parts
  const subjects = createSubjects(cluster)
  const client = random.id()
  const notify = `${links.data.inbox()}.${client}`
  const queues = Array.from({ length: shards }, (_, shard) => {
    const onNewLeader = (): void => results.hurry()
    const subject = subjects.command(shard)
    return new CommandQueue({ bus: links.control, clock, random, shard, subject, client, onNewLeader })
  })
  const commands = new JobCommands({ queues, notify, deadlineMs })
  const results = new PendingResults({ clock, ask: (id) => commands.outcome(id) })
  const submissions = new Submissions({ commands, results, prefix: client.slice(0, 16) })
  const closed$ = new Subject<void>()
  const members$ = memberList(links.facts, subjects, notice).pipe(takeUntil(closed$))
  const streams = transitionStreams(parts, subjects, members$)
  const stopPushes = links.data.subscribe(notify, (message) => takePush(message, results, notice))
  // What was pushed while the link was down is lost.
  const stopNews = links.data.onNews(
    (news) => news.kind === 'state' && news.state === 'up' && results.hurry(),
  )
  const stopLinkNews = noticeLinkNews({ links, notice })
  return {
    cluster,
    members$,
    submit: <Given, Output>(workflow: Workflow<Given, Output> | string, input?: unknown, options = {}) =>
      submissions.one(workflow, input, options),
    submitJob: (job, options = {}) => submissions.steps(job, options),
    cancel: (id, options) => commands.cancel(id, options),
    result: async (id, options) => results.find(resultId(id), options?.deadlineMs),
    ended: async (job, options) => (await results.find(job, options?.deadlineMs)) as string,
    job: (id, options) => commands.describe(id, options),
    summary: (id, options) => commands.summary(id, options),
    async status(options) {
      const { nodes, shards: led, jobs } = await commands.status(options)
      return { cluster, broker: links.broker, nodes, shards: led, jobs }
    },
    transitions: (filter = {}) => streams(filter).pipe(takeUntil(closed$)),
    progress: (id) =>
      progressStream({ bus: links.data, subjects, shards, notice }, id).pipe(takeUntil(closed$)),
    async close() {
      const error = new CoveyError('closed', 'the client has been closed')
      stopPushes()
      stopNews()
      stopLinkNews()
      closed$.next()
      results.close(error)
      for (const queue of queues) queue.close(error)
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
