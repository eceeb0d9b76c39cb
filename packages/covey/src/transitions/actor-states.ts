import { CoveyError, type Transition } from '@covey/protocol'
import {
  asapScheduler,
  defer,
  filter,
  ignoreElements,
  map,
  merge,
  type Observable,
  observeOn,
  Subject,
  take,
} from 'rxjs'
import { after } from '../after.js'
import { TransitionStream, type TransitionStreamOptions } from './transition-stream.js'
import type { TransitionOf } from './typed-transition.js'

/** In which states actors are, by each node that has said so. */
export interface ActorStates<Kind extends string> {
  /** Each actor in its state: `from` and `event` are empty. */
  readonly actors: readonly TransitionOf<Kind>[]
  /** Nodes that take part and did not say it in time: they are blocked, stopped or out of reach. */
  readonly unheard: readonly { readonly node: string; readonly generation: number }[]
}

/** What the states of actors are asked for with. */
export interface ActorStatesOptions extends Omit<TransitionStreamOptions, 'onStop' | 'onNews'> {
  /** Milliseconds after which it is said without the nodes that are silent. */
  readonly deadlineMs: number
}

/** What a stream knows now: who subscribes late is told the state from memory, at once. */
function knownTo(stream: TransitionStream): Transition[] {
  const actors: Transition[] = []
  stream.transitions$.subscribe((transition) => actors.push(transition)).unsubscribe()
  return actors
}

/** Emits once: when every node that takes part has said in which states its actors are, or when the time is over. */
export function actorStates<Kind extends string>(options: ActorStatesOptions): Observable<ActorStates<Kind>> {
  return defer(() => {
    const news$ = new Subject<void>()
    const stream = new TransitionStream({ ...options, onNews: () => news$.next(), onStop: () => undefined })
    // In a turn of its own: news may come while the stream is being begun.
    const all$ = news$.pipe(
      observeOn(asapScheduler),
      filter(() => stream.silent?.length === 0),
    )
    const failure$ = stream.transitions$.pipe(ignoreElements())
    return merge(all$, after(options.clock, options.deadlineMs), failure$).pipe(
      map(() => {
        const { silent: unheard } = stream
        if (unheard === undefined)
          throw new CoveyError('unreachable', `no list of the members came within ${options.deadlineMs} ms`)
        // Nodes of this version say what the machines of this version can say.
        return { actors: knownTo(stream) as unknown as readonly TransitionOf<Kind>[], unheard }
      }),
      take(1),
    )
  })
}
