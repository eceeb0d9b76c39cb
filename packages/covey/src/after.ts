import type { Clock } from '@covey/transport'
import { Observable } from 'rxjs'

/** Emits once `delayMs` of the given clock have passed; holds no timer when nobody subscribes any more. */
export const after = (clock: Clock, delayMs: number): Observable<void> =>
  new Observable((subscriber) => {
    const timer = clock.setTimeout(() => {
      subscriber.next()
      subscriber.complete()
    }, delayMs)
    return () => clock.clearTimeout(timer)
  })
