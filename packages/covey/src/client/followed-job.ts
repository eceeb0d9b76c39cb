import { CoveyError } from '@covey/protocol'
import type { Clock } from '@covey/transport'
import {
  catchError,
  defer,
  from,
  ignoreElements,
  type MonoTypeOperatorFunction,
  type Observable,
  of,
  repeat,
  switchMap,
  takeUntil,
  takeWhile,
} from 'rxjs'
import { after } from '../after.js'
import type { TransitionsOf } from '../transitions/transition-streams.js'
import type { TransitionOf } from '../transitions/typed-transition.js'
import type { JobSummary } from './client-contract.js'
import { clientTimings } from './client-timings.js'

type OfJob = TransitionOf<'job' | 'workflow'>

const jobEnds: ReadonlySet<string> = new Set<TransitionOf<'job'>['to']>(['completed', 'failed', 'cancelled'])
const workflowEnds: ReadonlySet<string> = new Set<TransitionOf<'workflow'>['to']>([
  ...(['completed', 'failed', 'cancelled', 'skipped'] as const),
])

/** Whether nothing can happen to a job in this state any more. */
export const isEndOfJob = (state: string): boolean => jobEnds.has(state)

/** Whether an answer about a job says that there is none: it never was, or it is kept no more. */
export const isAbsent = (error: unknown): boolean =>
  error instanceof CoveyError && (error.code === 'not_found' || error.code === 'expired')

/**
 * Completes with the last end of a job and its workflows, or where the job is kept no more, which is told after its
 * workflows: who comes late is told of the job before its workflows. */
const untilAllEnded =
  (workflows: number): MonoTypeOperatorFunction<OfJob> =>
  (transitions$) =>
    defer(() => {
      const ended = new Set<string>()
      let isOver = false
      return transitions$.pipe(
        takeWhile(({ kind, actor, to }) => {
          if (kind === 'job' && to === '') return false
          if (kind === 'job') isOver ||= jobEnds.has(to)
          else if (workflowEnds.has(to)) ended.add(actor)
          return !isOver || ended.size < workflows
        }, true),
      )
    })

/** What one job is followed with. */
export interface FollowedJobOptions {
  readonly clock: Clock
  readonly transitions: TransitionsOf
  /** How far it is; rejects `not_found` and `expired`. */
  readonly summary: (id: string) => Promise<JobSummary>
  /** Emits once it has ended, however it did. */
  readonly ending: (id: string) => Observable<void>
}

/**
 * Emits when a job that has ended is kept no more. Nobody tells that of a job which was let go of before any state of it
 * was told: its end is asked for, and then whether it is still there.
 */
const letGo = (id: string, { clock, summary, ending }: FollowedJobOptions): Observable<true> => {
  const pause = (): Observable<void> => after(clock, clientTimings.jobsLookMs)
  return ending(id).pipe(
    switchMap(pause),
    switchMap(() => defer(() => summary(id)).pipe(ignoreElements(), repeat({ delay: pause }))),
    catchError((error) => {
      if (isAbsent(error)) return of(true as const)
      throw error
    }),
  )
}

/**
 * Transitions of one job and its workflows until all of them have ended, or are kept no more. Errors with what `summary`
 * rejects with.
 */
export const followedJob = (id: string, options: FollowedJobOptions): Observable<OfJob> =>
  defer(() => from(options.summary(id))).pipe(
    switchMap(({ total }) =>
      options
        .transitions({ kind: ['job', 'workflow'], actor: `{${id},${id}/*}` })
        .pipe(untilAllEnded(total), takeUntil(letGo(id, options))),
    ),
  )
