import {
  createManagerPart,
  createWorkerPart,
  defaultKeeping,
  defaultLoad,
  type Environment,
  type HostedWorkflow,
  type Keeping,
  type LoadTerms,
  type ManagerPart,
  type Member,
  type Membership,
  type MembershipEnd,
  type MembershipOptions,
  startMembership,
} from '@covey/actors'
import { hasLabels } from '@covey/machines'
import type { MetricsEndpoint } from '@covey/metrics'
import { CoveyError, type GoodbyeReason, goodbyeReasons, type Role } from '@covey/protocol'
import {
  BehaviorSubject,
  defer,
  endWith,
  firstValueFrom,
  ignoreElements,
  Observable,
  shareReplay,
  takeUntil,
} from 'rxjs'
import { createNodeChannels } from '../channel/node-channels.js'
import type { CodeHosts } from '../isolation/code-hosts.js'
import { refuseOther } from '../known-options.js'
import { noticeLinkNews } from '../link-news.js'
import { actorFilter, knownOfNode, patternsOf } from '../transitions/actor-filter.js'
import type { TransitionFilter, TransitionOf } from '../transitions/typed-transition.js'
import type { AnyWorkflow } from '../workflow/define-workflow.js'
import { hostWorkflow } from '../workflow/host-workflow.js'
import { connectionReport } from './connection-report.js'
import { createInspectPart } from './inspect-part.js'
import type { LastLetters } from './last-letters.js'
import { showNode } from './measured-node.js'
import { MembershipMeter } from './membership-meter.js'
import { NoticeCounts } from './notice-counts.js'
import type { RunningNode } from './running-node.js'
import { createTapPart } from './tap-part.js'
import { type NodeTransition, TransitionFeed, type TransitionListener } from './transition-feed.js'
import { createWatchPart } from './watch-part.js'

/** What a node is and does, in any environment. */
export interface AssemblyOptions extends Omit<MembershipOptions, 'parts' | 'manager'> {
  readonly workflows: readonly AnyWorkflow[]
  /** Shards of the cluster. Default: those that the links know of, else 1. */
  readonly shards?: number
  /** What a manager keeps. Default: `defaultKeeping`. */
  readonly keeping?: Keeping
  /** What a manager does about load. Default: `defaultLoad`. */
  readonly load?: LoadTerms
  /** The wall clock of this process in milliseconds, compared with itself only (K29). Default: the environment's clock. */
  readonly wallNow?: () => number
  /** Where the environment's actor system leaves its dead letters, for who inspects the node. Default: nowhere. */
  readonly letters?: LastLetters
  /** Where isolated workflows run; left open. Without them all run inline, as in an environment without real time. */
  readonly hosts?: CodeHosts
  /** Where the node is measured. It is left open. */
  readonly metrics?: MetricsEndpoint
  /** What `notice` of the environment counts already, from before there was a node. Default: the node begins to count. */
  readonly counts?: NoticeCounts
  /** Hears every transition of the node, from the first. */
  readonly onTransition?: TransitionListener
  /** The node has been closed: its environment may be let go of. */
  readonly onClose?: () => Promise<void>
}

/**
 * Joins the parts of a node in the environment it is given, and leaves none of them in it when it is closed. Throws `invalid_options`, `invalid_id`.
 */
export function assembleNode(environment: Environment, options: AssemblyOptions): RunningNode {
  const counts = options.counts ?? new NoticeCounts(environment.subjects.cluster)
  const env = options.counts ? environment : { ...environment, notice: counts.before(environment.notice) }
  const { nodeId, roles, slots, workflows, letters, metrics, onTransition } = options
  const { keeping = defaultKeeping, load = defaultLoad, wallNow = () => env.clock.now() } = options
  const shards = options.shards ?? env.links.shards ?? 1
  const has = (role: Role): boolean => roles.includes(role)
  const led = { shards, keeping, load, members: () => membership.members }
  const manager: ManagerPart | undefined = has('manager') ? createManagerPart(env, led) : undefined
  // Where all stand still together nobody has moved the work meanwhile (K52).
  const leaseNow = env.links.clock === undefined ? wallNow : () => env.clock.now()
  const hosted = { shards, slots, workflows: runnable(options), wallNow: leaseNow, shownNow: wallNow }
  const worker = has('worker') ? createWorkerPart(env, hosted) : undefined
  const leads = (): readonly number[] => manager?.leads() ?? []
  const feed = new TransitionFeed(env.system, manager?.folded)
  const watch = createWatchPart(env, { feed, leads })
  const tap = createTapPart(env, { feed, leads })
  const counters = () => ({ watches: watch.watches, taps: tap.isTapped ? 1 : 0, ...counts.all() })
  const { part: channels, ...talk } = createNodeChannels(env, () => membership.sessions)
  const connections = () => connectionReport({ clock: env.clock, wallNow, membership, channels })
  const inspect = createInspectPart(env, {
    ...{ details: manager?.details, counters, connections, letters, wallNow },
    ...groundOf(has('worker') ? workflows : [], options.labels),
  })
  const parts = [manager, worker, watch, tap, inspect, channels].filter((part) => part !== undefined)
  const stops = [onTransition && feed.listen(onTransition), noticeLinkNews(env)]
  const members$ = new BehaviorSubject<readonly Member[]>([])
  const closed$ = members$.pipe(ignoreElements(), endWith(true))
  const meter = metrics && new MembershipMeter(env)
  const wanted = { ...options, parts, manager: has('manager') }
  let begin = (): Membership => beginMembership(env, wanted, members$, meter)
  let membership = begin()
  const measured = { env, about: options, membership: () => membership, connections, counts, manager, worker }
  const stopMeasuring = metrics && meter && showNode(metrics, { ...measured, meter })
  const closing$ = defer(async () => {
    begin = refuseClosed
    await membership.close()
    members$.complete()
    for (const stop of [...stops, stopMeasuring]) stop?.()
    await options.onClose?.()
  }).pipe(shareReplay(1))
  const close = (): Promise<void> => firstValueFrom(closing$)
  const [first, firstClosed] = [membership, endOf(membership, close, env.notice)]
  return {
    name: nodeId,
    members$: members$.asObservable(),
    leads,
    metricsUrl: metrics?.url,
    get bootId() {
      return membership.bootId
    },
    get state() {
      return membership.state()
    },
    get ready() {
      return membership.ready.then(() => undefined)
    },
    get closed() {
      return membership === first ? firstClosed : membership.closed
    },
    transitions: (filter = {}) =>
      ownTransitions(feed, { node: nodeId, run: () => membership, filter }).pipe(takeUntil(closed$)),
    ...talk,
    leave: (reason) => sayGoodbye(membership, reason),
    async rejoin() {
      membership = begin()
      await membership.ready
    },
    close,
  }
}

/** Leaves for a reason that others can read. */
async function sayGoodbye(run: Membership, reason: GoodbyeReason = 'graceful_shutdown'): Promise<void> {
  refuseOther('leave', 'reason', reason, goodbyeReasons)
  await run.leave(reason)
}

/** What a node can run, and what it offers in vain. */
function groundOf(workflows: readonly AnyWorkflow[], labels: readonly string[] = []) {
  const names = (of: readonly AnyWorkflow[]): string[] => of.map(({ name }) => name)
  const unfit = workflows.filter(({ policy }) => !hasLabels(new Set(labels), policy.requires))
  return { offers: names(workflows), labels, unfit: names(unfit) }
}

/** Begins no further run: what it would stand on has been let go of. */
function refuseClosed(): never {
  throw new CoveyError('closed', 'the node has been closed', { mend: 'start a new one' })
}

/** How the first run of a node ends: one that could not join is let go of with all that was opened for it (N6). */
async function endOf(
  run: Membership,
  close: () => Promise<void>,
  notice: Environment['notice'],
): Promise<MembershipEnd> {
  const end = await run.closed
  if (end.state === 'failed') {
    await close().catch((error: unknown) =>
      notice({ kind: 'defect', what: 'the end of a node threw', error }),
    )
  }
  return end
}

/** What a worker runs: each workflow in its host, where it has one. */
const runnable = ({ workflows, hosts }: AssemblyOptions): readonly HostedWorkflow[] =>
  workflows.map((workflow) => hosts?.hosted(workflow) ?? hostWorkflow(workflow))

/** Begins a run of the node, measured where somebody wants to know. */
function beginMembership(
  env: Environment,
  options: MembershipOptions & Pick<AssemblyOptions, 'hosts'>,
  members$: BehaviorSubject<readonly Member[]>,
  meter: MembershipMeter | undefined,
): Membership {
  const begun = startMembership(meter?.of(env) ?? env, options)
  follow(begun, members$)
  void begun.closed.then(() => options.hosts?.rest())
  if (meter !== undefined) begun.members.onNews((news) => meter.note(news))
  return begun
}

/** Tells the list of members once a turn. */
function follow({ members }: Membership, members$: BehaviorSubject<readonly Member[]>): void {
  let isDue = false
  members.onNews(() => {
    if (isDue) return
    isDue = true
    queueMicrotask(() => {
      isDue = false
      members$.next(members.all())
    })
  })
}

interface OwnOptions<Kind extends string> {
  readonly node: string
  /** The present one. */
  readonly run: () => Membership
  readonly filter: TransitionFilter<Kind>
}

function ownTransitions<Kind extends string>(
  feed: TransitionFeed,
  { node, run, filter }: OwnOptions<Kind>,
): Observable<TransitionOf<Kind>> {
  const passes = actorFilter(patternsOf(filter, knownOfNode))
  const generation = (): number => run().members.find(node)?.generation ?? 0
  return new Observable((subscriber) => {
    const tell = (transition: NodeTransition): void => {
      // What actors of this process say is what their machines can say.
      if (passes(transition))
        subscriber.next({ node, generation: generation(), ...transition } as TransitionOf<Kind>)
    }
    for (const { state: to, ...found } of feed.states())
      tell({ ...found, from: '', event: '', to, elapsedMs: 0 })
    return feed.listen(tell)
  })
}
