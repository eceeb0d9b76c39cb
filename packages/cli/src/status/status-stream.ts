import { CoveyError, type ErrorReport, limits, reportOfError } from '@covey/protocol'
import type { Client, ClusterStatus } from 'covey'
import { catchError, exhaustMap, from, map, merge, type Observable, of, throwError } from 'rxjs'

/** A look at a cluster: as its leader sees it, or why no leader says so just now. */
export type StatusLook =
  | { readonly status: ClusterStatus }
  | { readonly cluster: string; readonly error: ErrorReport }

const statusDeadlineMs = 5_000

/**
 * A cluster as it is at each tick, and whenever the facts of its members say something new. One look at a time: what
 * comes meanwhile is seen by the next tick. Errors with what no waiting mends; a change of leader is a look.
 */
export function statusLooks(
  client: Pick<Client, 'cluster' | 'members$' | 'status'>,
  ticks$: Observable<unknown>,
): Observable<StatusLook> {
  const look = (): Observable<StatusLook> =>
    from(client.status({ deadlineMs: statusDeadlineMs })).pipe(
      map((status) => ({ status })),
      catchError((error: unknown) =>
        error instanceof CoveyError && error.retryable
          ? of({ cluster: client.cluster, error: reportOfError(error, limits.errorTextMax) })
          : throwError(() => error),
      ),
    )
  return merge(ticks$, client.members$).pipe(exhaustMap(look))
}
