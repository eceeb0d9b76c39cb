import { defer, type Observable } from 'rxjs'
import { TransitionStream, type TransitionStreamOptions } from './transition-stream.js'
import type { TransitionFilter, TransitionOf } from './typed-transition.js'

/** What all streams of a client stand on. */
export interface TransitionStreamsOptions
  extends Omit<TransitionStreamOptions, 'watch' | 'filter' | 'onStop'> {
  /** Draws the name of a watch. */
  readonly drawName: () => string
}

/** Gives the transitions that pass a filter. Throws `invalid_id` and `invalid_options` for one that cannot be read. */
export type TransitionsOf = <const Kind extends string>(
  filter: TransitionFilter<Kind>,
) => Observable<TransitionOf<Kind>>

const keyOf = ({ node, kind = [], actor }: TransitionFilter): string =>
  JSON.stringify([node, [kind].flat().toSorted(), actor])

/** One stream for each filter that somebody has subscribed to, shared by all who did. */
export function transitionStreams(options: TransitionStreamsOptions): TransitionsOf {
  const { drawName, ...ground } = options
  const running = new Map<string, TransitionStream>()
  return <const Kind extends string>(filter: TransitionFilter<Kind>) => {
    const key = keyOf(filter)
    const onStop = (): boolean => running.delete(key)
    const made = new TransitionStream({ ...ground, watch: drawName(), filter, onStop })
    return defer(() => {
      const stream = running.get(key) ?? made
      running.set(key, stream)
      // Nodes of this version say what the machines of this version can say, and each actor is of the machine of its kind.
      return stream.transitions$ as Observable<TransitionOf<Kind>>
    })
  }
}
