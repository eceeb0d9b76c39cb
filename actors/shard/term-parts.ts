import { formatToken, joinWorkflowId } from '@covey/protocol'
import type { Environment, Self } from '../environment.js'
import type { Members } from '../membership/members.js'
import { Admission } from './admission.js'
import { Crew } from './crew.js'
import { Desk } from './desk.js'
import { Intake } from './intake.js'
import type { HeldAttempts } from './outbox-reader.js'
import { Outgoing } from './outgoing.js'
import { Placement, type Proposal } from './placement.js'
import { Pushes } from './pushes.js'
import { Reconcile } from './reconcile.js'
import { Seats } from './seats.js'
import { ShardFigures } from './shard-figures.js'
import type { FoldedTransition, ShardState } from './shard-state.js'
import type { Propose } from './term-log.js'
import { tracedDispatch } from './traced-dispatch.js'
import { waitsFor } from './waits-for.js'
import { Wants } from './wants.js'

/** Of the cluster that is looked at. */
const shards = 1

const unloaded = { overload: { level: 'calm', noteQueued: () => undefined }, rates: {} } as const

/** What the decisions of a leader stand on, where its log, its outbox and its time are somebody else's. */
export interface TermGround {
  readonly env: Environment
  readonly state: ShardState
  readonly self: Self
  readonly members: Members
  readonly propose: Propose
  /** Before everything that waits, after what was proposed so before. */
  readonly proposeFirst: Propose
  readonly barrier: (callback: () => void) => void
  /** Whether it assigns: the outbox was read to its end (K9). */
  readonly assigns: boolean
  /** Whether the leader has waited for the lease of that generation (K7). */
  readonly isLeaseOver: (worker: string, generation: number) => boolean
  /** Offers what the outbox holds of these attempts, before it answers (K9). */
  readonly takeWordsOf: (named: HeldAttempts) => void
}

/** The decisions of a leader, one after the other and without waiting. */
export type TermParts = ReturnType<typeof termParts>

/**
 * What a term decides with, stepped by hand: `Term` does the same by its log, its outbox and its clock. For the checker,
 * which looks at every order in which those may answer.
 */
export function termParts(ground: TermGround) {
  const { env, state, self, members, propose, barrier } = ground
  const nowMs = (): number => env.clock.now()
  const seats = new Seats(state, env.timings, nowMs())
  const outgoing = new Outgoing(env, state, self)
  const placement = new Placement(state, seats)
  const pushes = new Pushes(outgoing)
  const intake = new Intake({
    ...{ state, seats, outgoing, propose, draw: env.random.next },
    onMoved: () => undefined,
  })
  const wants = new Wants({ shards, seats, placement, outgoing })
  const about = { env, state, seats, members, outgoing, barrier, wants }
  const crew = new Crew({ ...about, onGranted: () => undefined })
  const desk = new Desk({
    ...{ env, state, shards, seats, members, pushes, propose, proposeFirst: ground.proposeFirst, barrier },
    admission: new Admission({
      ...unloaded,
      figures: new ShardFigures(),
      state,
      nowMs,
      queuedEvents: () => 0,
      logFill: () => 0,
    }),
    waitsOf: (record) => waitsFor(record, state, seats),
    backlog: () => state.workflowCounts.queued,
    isFull: () => false,
    onSubmitted: (job, steps) => {
      const id = (step: string): string => joinWorkflowId(job, step)
      if (!ground.assigns || state.jobs.has(job)) return
      for (const { step, name, after } of steps)
        assign(after.length === 0 ? placement.proposeNew({ id: id(step), name }) : undefined)
    },
  })
  const reconcile = new Reconcile({
    ...{ state, members, outgoing, propose, nowMs, shardNowMs: () => state.timeMs },
    seats: leases(seats, ground),
    outbox: { takeWordsOf: (named) => atOnce(() => ground.takeWordsOf(named)) },
    workerLeaseMs: env.timings.workerLeaseMs,
  })
  function assign(proposal: Proposal | undefined): void {
    if (proposal === undefined) return
    propose(proposal.event, ({ place: at }) => {
      const token = formatToken({ streamEpoch: state.streamEpoch, epoch: state.epoch, ...at })
      placement.settle(proposal, state.workflows.get(proposal.workflow)?.snapshot.context.token === token)
    })
  }
  /** Proposes what can be assigned now. */
  const place = (): void => {
    if (ground.assigns) placement.propose().forEach(assign)
  }
  /** What follows from a transition that has been folded (K26). */
  const follow = ({ record, from, to, elapsedMs }: FoldedTransition): void => {
    if (record.kind !== 'workflow') return
    placement.follow(record, from)
    const { worker, generation } = record.snapshot.context
    if (worker === null) return
    const dispatch = to === 'assigned' ? tracedDispatch(env, record, elapsedMs) : undefined
    if (dispatch) outgoing.dispatch({ worker, generation }, dispatch)
    else if (to === 'cancelling') reconcile.repeatCancels([record], { worker, generation })
  }
  return { state, seats, outgoing, intake, crew, desk, reconcile, place, follow }
}

/** The seats, with leases that are over when the ground says so. */
function leases(seats: Seats, { env, isLeaseOver }: TermGround): Seats {
  seats.leaseStartMs = (worker, generation) =>
    isLeaseOver(worker, generation) ? Number.NEGATIVE_INFINITY : env.clock.now()
  return seats
}

/** An answer that is there before it is asked for: what waits for it goes on at once. */
function atOnce(run: () => void): Promise<boolean> {
  run()
  // biome-ignore lint/suspicious/noThenProperty: it stands for a promise whose turn of the loop nothing can fill.
  return { then: (goOn: (isDone: boolean) => void) => goOn(true) } as unknown as Promise<boolean>
}
