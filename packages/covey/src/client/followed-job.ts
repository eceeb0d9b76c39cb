import { defer, from, type MonoTypeOperatorFunction, type Observable, switchMap, takeWhile } from 'rxjs'
import type { TransitionsOf } from '../transitions/transition-streams.js'
import type { TransitionOf } from '../transitions/typed-transition.js'
import type { JobSummary } from './client-contract.js'

type OfJob = TransitionOf<'job' | 'workflow'>

const jobEnds: ReadonlySet<string> = new Set<TransitionOf<'job'>['to']>(['completed', 'failed', 'cancelled'])
const workflowEnds: ReadonlySet<string> = new Set<TransitionOf<'workflow'>['to']>([
  ...(['completed', 'failed', 'cancelled', 'skipped'] as const),
])

/** Whether nothing can happen to a job in this state any more. */
export const isEndOfJob = (state: string): boolean => jobEnds.has(state)

/** Completes with the last end of a job and its workflows: who comes late is told of the job before its workflows. */
const untilAllEnded =
  (workflows: number): MonoTypeOperatorFunction<OfJob> =>
  (transitions$) =>
    defer(() => {
      const ended = new Set<string>()
      let isOver = false
      return transitions$.pipe(
        takeWhile(({ kind, actor, to }) => {
          if (kind === 'job') isOver ||= jobEnds.has(to)
          else if (workflowEnds.has(to)) ended.add(actor)
          return !isOver || ended.size < workflows
        }, true),
      )
    })

/** Transitions of one job and its workflows until all of them have ended. Errors with what `summary` rejects with. */
export const followedJob = (
  id: string,
  transitions: TransitionsOf,
  summary: (id: string) => Promise<JobSummary>,
): Observable<OfJob> =>
  defer(() => from(summary(id))).pipe(
    switchMap(({ total }) =>
      transitions({ kind: ['job', 'workflow'], actor: `{${id},${id}/*}` }).pipe(untilAllEnded(total)),
    ),
  )
