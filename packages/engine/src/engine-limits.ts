/** Every bound of the actor system, by name. What happens at each is said beside it. */
export interface EngineLimits {
  /** Events waiting in the one queue; what comes beyond becomes a dead letter with reason `overflow`. */
  readonly pendingEventsMax: number
  /** Living addresses; `spawn` and `restore` beyond it throw. */
  readonly actorsMax: number
  /** Delayed events of one actor; arming one more fails that actor. */
  readonly timersPerActorMax: number
  /** Restarts in a row before an actor under supervision `restart` is given up. */
  readonly restartsMax: number
  /** Wait before the first restart; it doubles with every restart in a row. */
  readonly restartBackoffMs: number
  /** Upper bound of the doubling wait. */
  readonly restartBackoffMaxMs: number
  /** An actor that lived longer than this before it failed starts its row of restarts anew. */
  readonly restartWindowMs: number
}

/** The limits of a system that names none of its own. */
export const defaultEngineLimits: EngineLimits = {
  pendingEventsMax: 1_000_000,
  actorsMax: 1_000_000,
  timersPerActorMax: 1_024,
  restartsMax: 5,
  restartBackoffMs: 100,
  restartBackoffMaxMs: 10_000,
  restartWindowMs: 60_000,
}
