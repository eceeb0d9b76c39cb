import { assign, setup } from 'xstate'
import type {
  ConnectionContext,
  ConnectionEvent,
  ConnectionInput,
  RefusalReason,
} from './connection.events.js'
import { redialDelayMs } from './rules/redial-backoff.js'
import { nextChance } from './rules/retry-jitter.js'
import { isBefore, isNamedBy } from './rules/session-order.js'

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
        ? { session: event.session, heard: event.session, isOwn: false, roundTripMs: null }
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
    /** A hello that was under way too long: its sender has given that session up, or this side has. */
    isStale: ({ context, event }) =>
      event.type === 'session.offered' &&
      event.session !== context.session &&
      (isNamedBy(event.session, context.seed) || isBefore(event.session, context.heard)),
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
// Agreed to is not yet open: the other side may have given the session up, and says so when it is asked (N14).
const accept = { target: 'handshaking', reenter: true, actions: ['adopt', welcome] } as const
const again = { guard: 'isThisSession', actions: welcome } as const
const tooLate = { guard: 'isStale', actions: refuse('duplicate') } as const

/**
 * The session with one peer: one actor for both directions, so that there is never a second. It lives only while its
 * peer may be spoken to, and never gives up by itself. The link to the broker is the same chart, bound otherwise.
 */
export const connectionMachine = connection.createMachine({
  id: 'connection',
  version: '1',
  options: { maxIterations: 1_000 },
  context: ({ input }) => ({
    session: '',
    isOwn: false,
    heard: '',
    dials: 0,
    failures: 0,
    roundTripMs: null,
    lastError: '',
    reason: 'closed',
    ...input,
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
      on: {
        'connection.dial': 'dialing',
        'session.offered': [tooLate, accept],
        'connection.drain': 'closed',
      },
    },
    dialing: {
      description: 'Makes sure by a round trip that the own link to the broker carries.',
      entry: { type: 'link.confirm', params: {} },
      on: {
        'link.confirmed': { target: 'handshaking', actions: 'nameSession' },
        // A link that is down is waited for here: to dial on and on would say the same thing again and again (N2).
        'link.found': { actions: { type: 'link.confirm', params: {} } },
        'session.offered': [tooLate, accept],
        'connection.drain': 'closed',
      },
      after: { dialTimeoutMs: { target: 'backoff', actions: 'noteFailure' } },
    },
    handshaking: {
      description:
        'Has said hello and awaits the welcome: also to a session of the other side, which may have given it up.',
      entry: hello,
      on: {
        'session.welcomed': { guard: 'isThisSession', target: 'open', actions: 'noteOpen' },
        'session.refused': [
          { guard: 'isLasting', target: 'closed', actions: 'noteReason' },
          { guard: 'isThisSession', target: 'backoff', actions: 'noteFailure' },
        ],
        'session.unanswered': { guard: 'isThisSession', target: 'backoff', actions: 'noteFailure' },
        'session.offered': [again, tooLate, { guard: 'keepsOwn', actions: refuse('duplicate') }, accept],
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
        'session.offered': [
          again,
          tooLate,
          { guard: 'keepsOwn', actions: [refuse('duplicate'), hello] },
          accept,
        ],
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
        'session.offered': [tooLate, accept],
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
