import type { Member, Notice } from '@covey/actors'
import { type Subjects, statisticsAnswer, statisticsAsk } from '@covey/protocol'
import type { Bus, Clock, RequestOutcome } from '@covey/transport'
import {
  defaultIfEmpty,
  defer,
  first,
  forkJoin,
  map,
  Observable,
  repeat,
  startWith,
  switchMap,
  take,
} from 'rxjs'
import { after } from '../after.js'
import { clientTimings } from './client-timings.js'

/** What workers are asked with. */
export interface StatisticsAsksOptions {
  readonly bus: Bus
  readonly subjects: Subjects
  readonly clock: Clock
  readonly members$: Observable<readonly Member[]>
  readonly notice: (notice: Notice) => void
}

const isWorker = ({ state, roles }: Member): boolean =>
  (state === 'active' || state === 'leaving') && roles.includes('worker')

/** What was said while the link was down is lost: emits at once, and whenever the link is up again. */
const linkUps = (bus: Bus): Observable<void> =>
  new Observable<void>((subscriber) =>
    bus.onNews((news) => {
      if (news.kind === 'state' && news.state === 'up') subscriber.next()
    }),
  ).pipe(startWith(undefined))

/**
 * Has every worker that takes part say once more what running attempts of a job have said of their statistics, where all
 * who subscribe hear it; emits when all have. One that does not answer is asked again, as one that does not tell the state
 * of its actors. Workers that come later have nothing to say that was not heard.
 */
export function statisticsAsks(
  { bus, subjects, clock, members$, notice }: StatisticsAsksOptions,
  job: string,
): Observable<void> {
  const question = statisticsAsk.encode({ job })
  const { watchAnswerMs, watchAnswerMaxMs } = clientTimings
  const isAnswer = (subject: string, outcome: RequestOutcome): boolean => {
    if (outcome.kind !== 'reply') return false
    try {
      return statisticsAnswer.decode(outcome.data).attempts >= 0
    } catch (error) {
      notice({ kind: 'frame.refused', subject, error })
      return false
    }
  }
  const asked = ({ nodeId, generation }: Member): Observable<unknown> => {
    const subject = subjects.channel(nodeId, generation, 'statistics')
    return defer(() => bus.request(subject, question, watchAnswerMs)).pipe(
      repeat({
        delay: (times) => after(clock, Math.min(watchAnswerMs * 2 ** (times - 1), watchAnswerMaxMs)),
      }),
      first((outcome) => isAnswer(subject, outcome)),
    )
  }
  const all$ = members$.pipe(
    take(1),
    switchMap((members) => forkJoin(members.filter(isWorker).map(asked))),
    map(() => undefined),
    defaultIfEmpty(undefined),
  )
  return linkUps(bus).pipe(switchMap(() => all$))
}
