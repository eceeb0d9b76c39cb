import type { CoveyError } from '@covey/protocol'
import {
  defer,
  finalize,
  type Observable,
  Subject,
  type SubjectLike,
  share,
  takeUntil,
  throwError,
} from 'rxjs'

/**
 * One running stream for each key, whoever subscribes; it ends with its last subscriber. Who comes later is told what
 * comes then, and with another `connector` what that one replays.
 */
export function sharedByKey<Value>(
  make: (key: string) => Observable<Value>,
  connector: () => SubjectLike<Value> = () => new Subject<Value>(),
): (key: string) => Observable<Value> {
  const running = new Map<string, Observable<Value>>()
  return (key) => {
    // Made at once, so that a wrong key is told to who named it.
    const made = make(key).pipe(
      finalize(() => running.delete(key)),
      share({ connector }),
    )
    return defer(() => {
      const shared = running.get(key) ?? made
      running.set(key, shared)
      return shared
    })
  }
}

/** The life of what streams come from: they complete when it ends, and then error with the reason. */
export class StreamLife {
  readonly #ended$ = new Subject<void>()
  #reason: CoveyError | undefined

  /** The stream while the life lasts. */
  bind<Value>(stream$: Observable<Value>): Observable<Value> {
    return defer(() => {
      const reason = this.#reason
      return reason === undefined ? stream$.pipe(takeUntil(this.#ended$)) : throwError(() => reason)
    })
  }

  end(reason: CoveyError): void {
    this.#reason ??= reason
    this.#ended$.next()
  }
}
