import type { NodeState } from '@covey/actors'
import type { NodeReading } from './node-reading.js'

/** What a supervisor asks a process: whether it has started, whether to let it live, whether to give it work. */
export type Probe = 'startup' | 'live' | 'ready'

/** The answer to a probe. */
export interface Health {
  readonly ok: boolean
  readonly state: NodeState
  /** Why not, where it is not so. */
  readonly reason?: string
}

interface Answers {
  /** Its first generation has taken part, or it is plain that none will; `wasActive` where the state alone cannot tell. */
  readonly startup: boolean | 'wasActive'
  /** That it is asked and answers shows that its event loop turns; this says whether there is a node to live on. */
  readonly live: boolean
  readonly ready: boolean
}

/** What each state of the node's chart means to a supervisor. */
const answersOf: Readonly<Record<NodeState, Answers>> = {
  idle: { startup: false, live: true, ready: false },
  dialing: { startup: 'wasActive', live: true, ready: false },
  joining: { startup: 'wasActive', live: true, ready: false },
  active: { startup: true, live: true, ready: true },
  leaving: { startup: true, live: true, ready: false },
  fenced: { startup: true, live: false, ready: false },
  reentering: { startup: true, live: true, ready: false },
  departed: { startup: true, live: false, ready: false },
  failed: { startup: false, live: false, ready: false },
}

/** What of a node its health is judged by. */
export interface HealthReading extends Pick<NodeReading, 'state' | 'wasActive' | 'connections'> {
  /** What it waits for, where its state does not tell. */
  readonly waitsFor?: string
}

/** A node that is only being made: it has no broker yet. */
export const unmade: HealthReading = { state: 'idle', wasActive: false, connections: [] }

/** Judges a node by the state of its chart, and of its connections. */
export function healthOf(probe: Probe, { state, wasActive, connections, waitsFor }: HealthReading): Health {
  const answer = answersOf[state][probe]
  const holds = answer === 'wasActive' ? wasActive : answer
  if (!holds)
    return {
      ok: false,
      state,
      reason: `the node is ${state}${waitsFor === undefined ? '' : `: ${waitsFor}`}`,
    }
  const down = probe === 'ready' ? connections.find(({ isUp }) => !isUp) : undefined
  if (down === undefined) return { ok: true, state }
  return { ok: false, state, reason: `the ${down.connection} connection to the broker is down` }
}
