import { assign, setup } from 'xstate'
import { nextChance, redialDelayMs } from './rules/redial-backoff.js'

/** What a session with one peer, or with the broker, is opened with. */
export interface ConnectionInput {
  readonly nodeId: string
  readonly peer: string
  /** The generation of the peer that the session is with; 0 for the broker. */
  readonly generation: number
  /** Drawn once: the sessions that this side opens are named `<seed>.<n>`. */
  readonly seed: string
  /** A number from 0 to 1, drawn once: from it come all waits. */
  readonly chance: number
  readonly dialTimeoutMs: number
  readonly drainTimeoutMs: number
  readonly redialMinMs: number
  readonly redialMaxMs: number
}

/** Why a peer refuses a session. */
export type RefusalReason = 'duplicate' | 'leaving' | 'incompatible' | 'not_a_member'

/** What a connection keeps beside its state. */
export interface ConnectionContext extends ConnectionInput {
  /** The session that is open or being opened; empty while there is none. */
  readonly session: string
  /** This side has opened it. */
  readonly isOwn: boolean
  readonly dials: number
  /** Dials in a row that led to nothing. */
  readonly failures: number
  /** From hello to welcome, where this side has said hello. */
  readonly roundTripMs: number | null
  /** Why the last dial or session ended; empty before the first that did. */
  readonly lastError: string
  readonly reason: string
}

/** Everything that can happen to a connection. */
export type ConnectionEvent =
  /** Its turn among the dials of this node has come. */
  | { readonly type: 'connection.dial' }
  /** Nobody needs it now: it gives its turn away. */
  | { readonly type: 'connection.rest' }
  | { readonly type: 'link.confirmed' }
  | { readonly type: 'link.lost' }
  | { readonly type: 'link.found' }
  | { readonly type: 'session.welcomed'; readonly session: string; readonly roundTripMs: number }
  | {
      readonly type: 'session.refused'
      readonly session: string
      readonly reason: RefusalReason
      readonly detail: string
    }
  | { readonly type: 'session.unanswered'; readonly session: string }
  /** The peer has said hello; `reply` is where the answer goes. */
  | { readonly type: 'session.offered'; readonly session: string; readonly reply: string }
  | { readonly type: 'connection.drain' }
  | { readonly type: 'connection.close' }

/** Why a dial or a session has ended, in few words. */
function errorOf(event: ConnectionEvent): string {
  if (event.type === 'session.refused') return `${event.reason}: ${event.detail}`
  if (event.type === 'session.unanswered') return 'nobody answered'
  return event.type === 'link.lost' ? 'the link to the broker went down' : 'no answer in time'
}

const connection = setup({
  types: {
    context: {} as ConnectionContext,
    events: {} as ConnectionEvent,
    input: {} as ConnectionInput,
    output: {} as { readonly reason: string },
  },
  actions: {
    'dial.await': (_, _params: object) => {},
    'link.confirm': (_, _params: object) => {},
    'session.hello': (_, _params: { session: string; timeoutMs: number }) => {},
    'session.welcome': (_, _params: { session: string; reply: string }) => {},
    'session.refuse': (_, _params: { reply: string; reason: RefusalReason }) => {},
    nameSession: assign(({ context }) => ({
      dials: context.dials + 1,
      session: `${context.seed}.${context.dials + 1}`,
      isOwn: true,
    })),
    adopt: assign(({ event }) =>
      event.type === 'session.offered'
        ? { session: event.session, isOwn: false, failures: 0, roundTripMs: null }
        : {},
    ),
    noteOpen: assign(({ event }) => ({
      failures: 0,
      roundTripMs: event.type === 'session.welcomed' ? event.roundTripMs : null,
    })),
    noteFailure: assign(({ context, event }) => ({
      session: '',
      failures: context.failures + 1,
      chance: nextChance(context.chance),
      lastError: errorOf(event),
    })),
    noteLost: assign(({ context, event }) => ({
      session: '',
      chance: nextChance(context.chance),
      lastError: errorOf(event),
    })),
    noteReason: assign(({ context, event }) => ({
      reason: event.type === 'session.refused' ? event.reason : context.reason,
      lastError: errorOf(event),
    })),
  },
  guards: {
    isThisSession: ({ context, event }) => 'session' in event && event.session === context.session,
    /** When both sides open at once, the session of the lower name stays (N14, N18). */
    keepsOwn: ({ context, event }) =>
      event.type === 'session.offered' &&
      context.isOwn &&
      context.nodeId < context.peer &&
      event.session !== context.session,
    isLasting: ({ context, event }) =>
      event.type === 'session.refused' &&
      event.session === context.session &&
      (event.reason === 'leaving' || event.reason === 'incompatible'),
  },
  delays: {
    dialTimeoutMs: ({ context }) => context.dialTimeoutMs,
    drainTimeoutMs: ({ context }) => context.drainTimeoutMs,
    backoffMs: ({ context }) => redialDelayMs(context.failures, context.chance, context),
  },
})

type Offer = Extract<ConnectionEvent, { type: 'session.offered' }>

const welcome = {
  type: 'session.welcome',
  params: ({ event }: { event: Offer }) => ({ session: event.session, reply: event.reply }),
} as const
const refuse = (reason: RefusalReason) =>
  ({
    type: 'session.refuse',
    params: ({ event }: { event: Offer }) => ({ reply: event.reply, reason }),
  }) as const
const hello = {
  type: 'session.hello',
  params: ({ context }: { context: ConnectionContext }) => ({
    session: context.session,
    timeoutMs: context.dialTimeoutMs,
  }),
} as const
const accept = { target: 'open', actions: ['adopt', welcome] } as const

/**
 * The session with one peer: one actor for both directions, so that there is never a second. It lives only while its
 * peer may be spoken to, and never gives up by itself. The link to the broker is the same chart, bound otherwise.
 */
export const connectionMachine = connection.createMachine({
  id: 'connection',
  version: '1',
  options: { maxIterations: 1_000 },
  context: ({ input }) => ({
    ...input,
    session: '',
    isOwn: false,
    dials: 0,
    failures: 0,
    roundTripMs: null,
    lastError: '',
    reason: 'closed',
  }),
  initial: 'idle',
  output: ({ context }) => ({ reason: context.reason }),
  on: { 'connection.close': '.closed' },
  states: {
    idle: {
      description: 'Not needed yet.',
      meta: {
        rests: 'whoever needs it, by the turns of this node among its dials, or the hello of the other side',
      },
      on: { 'connection.dial': 'dialing', 'session.offered': accept, 'connection.drain': 'closed' },
    },
    dialing: {
      description: 'Makes sure by a round trip that the own link to the broker carries.',
      entry: { type: 'link.confirm', params: {} },
      on: {
        'link.confirmed': 'handshaking',
        // A link that is down is waited for here: to dial on and on would say the same thing again and again (N2).
        'link.found': { actions: { type: 'link.confirm', params: {} } },
        'session.offered': accept,
        'connection.drain': 'closed',
      },
      after: { dialTimeoutMs: { target: 'backoff', actions: 'noteFailure' } },
    },
    handshaking: {
      description: 'Has said hello and awaits the welcome.',
      entry: ['nameSession', hello],
      on: {
        'session.welcomed': { guard: 'isThisSession', target: 'open', actions: 'noteOpen' },
        'session.refused': [
          { guard: 'isLasting', target: 'closed', actions: 'noteReason' },
          { guard: 'isThisSession', target: 'backoff', actions: 'noteFailure' },
        ],
        'session.unanswered': { guard: 'isThisSession', target: 'backoff', actions: 'noteFailure' },
        'session.offered': [{ guard: 'keepsOwn', actions: refuse('duplicate') }, accept],
        'link.lost': { target: 'backoff', actions: 'noteFailure' },
        'connection.drain': 'closed',
      },
      after: { dialTimeoutMs: { target: 'backoff', actions: 'noteFailure' } },
    },
    open: {
      description: 'Both sides hold the same session.',
      meta: { rests: 'the prober, which finds a silent peer, and the link, which tells when it is lost' },
      on: {
        // The other side has lost it, or its hello crossed ours: ours stays, so it is told of ours again.
        'session.offered': [{ guard: 'keepsOwn', actions: [refuse('duplicate'), hello] }, accept],
        'session.unanswered': { guard: 'isThisSession', target: 'backoff', actions: 'noteFailure' },
        'session.refused': [
          { guard: 'isLasting', target: 'closed', actions: 'noteReason' },
          { guard: 'isThisSession', target: 'backoff', actions: 'noteFailure' },
        ],
        'link.lost': { target: 'backoff', actions: 'noteLost' },
        'connection.drain': 'draining',
      },
    },
    draining: {
      description: 'One side leaves: what is under way still arrives, nothing new is begun.',
      on: { 'session.offered': { actions: refuse('leaving') } },
      after: { drainTimeoutMs: 'closed' },
    },
    backoff: {
      description:
        'Waits before the next dial, and then for its turn: a peer that cannot be reached costs little (N13), and a link that is down is not dialled over (N2).',
      on: {
        'connection.dial': 'dialing',
        'connection.rest': 'idle',
        'session.offered': accept,
        'connection.drain': 'closed',
      },
      after: { backoffMs: { actions: { type: 'dial.await', params: {} } } },
    },
    closed: {
      type: 'final',
      description: 'Over, for this generation of the peer.',
    },
  },
})
