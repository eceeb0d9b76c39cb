import type { ConnectionContext, connectionMachine } from '@covey/machines'
import type { SnapshotFrom } from 'xstate'

export type ConnectionSnapshot = SnapshotFrom<typeof connectionMachine>

/** A connection as its actor has it now. */
export interface ConnectionView {
  readonly state: ConnectionSnapshot['value']
  /** When it came into this state, by the node's clock. */
  readonly sinceMs: number
  readonly context: ConnectionContext
}

/** The view that follows from one before, where there was one. */
export function viewAfter(
  known: ConnectionView | undefined,
  { value: state, context }: ConnectionSnapshot,
  nowMs: number,
): ConnectionView {
  return { state, sinceMs: known?.state === state ? known.sinceMs : nowMs, context }
}
