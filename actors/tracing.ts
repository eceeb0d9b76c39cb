import type { Dispatch, TraceContext } from '@covey/protocol'
import type { CodeEnding } from './worker/code-ending.js'

/** A workflow that leaves for its worker. */
export interface TracedAssignment {
  readonly dispatch: Dispatch
  readonly worker: string
  /** Where whoever submitted the job stood. */
  readonly trace: TraceContext | null
  /** Milliseconds, in the time of its shard, for which it was ready. */
  readonly waitedMs: number
}

/** An attempt whose code begins. */
export interface TracedAttempt {
  readonly dispatch: Dispatch
  /** The error by which it was told to stop, where it was. */
  readonly stop: () => string | undefined
}

/** What tells others of spans: the port to OpenTelemetry. Nothing that it is asked for throws because of it. */
export interface Tracing {
  /** Whether anybody records spans in this process: asked first, so that nothing is spent where nobody does. */
  readonly isOn: boolean
  /** Tells of an assignment that is over. Returns where its worker goes on. */
  assigned(assignment: TracedAssignment): TraceContext | undefined
  /** Runs code as what its span is the active one of. Settles as the code does. */
  run(attempt: TracedAttempt, code: () => Promise<CodeEnding>): Promise<CodeEnding>
}
