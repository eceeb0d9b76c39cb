import { type EndKind, limits } from '@covey/protocol'
import { assign, setup } from 'xstate'
import type { PeerContext, PeerEvent, PeerInput } from './peer.events.js'
import { suspicionMinimumMs, suspicionTimeoutMs } from './rules/suspicion.js'

/** When a suspicion becomes a proposal: sooner, the more observers share it (O9). */
function proposalDueMs({ proposals, proposeAtMs, ...context }: PeerContext): number {
  if (proposals > 0) return proposeAtMs
  const voices = context.votes + (context.silentSinceMs === null ? 0 : 1)
  return context.suspectedAtMs + suspicionTimeoutMs({ ...context, confirmations: Math.max(0, voices - 1) })
}

const withDue = (context: PeerContext): Partial<PeerContext> => ({
  ...context,
  proposeAtMs: proposalDueMs(context),
})

/** The effects, guards and delays of the peer machine, which is in `peer.machine.ts`. */
export const peerSetup = setup({
  types: {
    context: {} as PeerContext,
    events: {} as PeerEvent,
    input: {} as PeerInput,
  },
  actions: {
    'facts.look': (_, _params: { nodeId: string }) => {},
    'members.ended': (_, _params: { nodeId: string; generation: number; how: EndKind; dirty: boolean }) => {},
    'connection.open': (_, _params: { nodeId: string; generation: number }) => {},
    'connection.drain': (_, _params: { nodeId: string }) => {},
    'connection.close': (_, _params: { nodeId: string }) => {},
    'votes.forget': (_, _params: { nodeId: string; generation: number }) => {},
    'departure.propose': (_, _params: { nodeId: string; generation: number }) => {},
    takeRecord: assign(({ context, event }) =>
      event.type === 'joined.heard'
        ? {
            phase: context.generation === 0 ? 'joining' : 'reentering',
            incarnation: 0,
            heardAtMs: event.atMs,
            silentSinceMs: null,
            offline: false,
            busy: false,
            votes: 0,
            proposals: 0,
            ...event.record,
          }
        : { generation: context.generation },
    ),
    noteEnd: assign(({ event }) => (event.type === 'departed.heard' ? { generation: event.generation } : {})),
    noteActive: assign(({ context, event }) => ({
      phase: 'active',
      heardAtMs: 'atMs' in event ? event.atMs : context.heardAtMs,
      silentSinceMs: null,
      offline: false,
      votes: 0,
    })),
    /** It should have been active by now; this state was entered when it was last heard. */
    doubtJoin: assign(({ context }) => {
      const nowMs = context.heardAtMs + context.joinPatienceMs
      return withDue({ ...context, suspectedAtMs: nowMs, nowMs, proposals: 0 })
    }),
    noteLeaving: assign({ phase: 'leaving' }),
    /** The first voice of a suspicion, ours or another's. */
    beginSuspicion: assign(({ context, event }) => {
      if (event.type !== 'probe.failed' && event.type !== 'votes.counted') return {}
      const isOwn = event.type === 'probe.failed'
      return withDue({
        ...context,
        silentSinceMs: isOwn ? event.atMs : context.silentSinceMs,
        offline: isOwn ? event.offline : context.offline,
        votes: isOwn ? context.votes : event.votes,
        suspectedAtMs: event.atMs,
        nowMs: event.atMs,
        members: event.members,
        proposals: 0,
      })
    }),
    /** One voice more or less. */
    countVoices: assign(({ context, event }) => {
      if (event.type !== 'probe.failed' && event.type !== 'votes.counted') return {}
      const isOwn = event.type === 'probe.failed'
      return withDue({
        ...context,
        silentSinceMs: isOwn ? (context.silentSinceMs ?? event.atMs) : context.silentSinceMs,
        offline: isOwn ? event.offline : context.offline,
        votes: isOwn ? context.votes : event.votes,
        nowMs: event.atMs,
        members: event.members,
      })
    }),
    /** Its answer to our probe withdraws our own voice, and only ours (O12). */
    noteAnswer: assign(({ event }) =>
      event.type === 'probe.answered'
        ? {
            heardAtMs: event.atMs,
            silentSinceMs: null,
            offline: false,
            busy: event.lagMs >= limits.busyLagMsMin,
          }
        : {},
    ),
    noteAlive: assign(({ event }) =>
      event.type === 'alive.heard'
        ? {
            heardAtMs: event.atMs,
            incarnation: event.incarnation,
            silentSinceMs: null,
            offline: false,
            busy: false,
            votes: 0,
          }
        : {},
    ),
    noteUnshared: assign({ silentSinceMs: null, offline: false, votes: 0 }),
    withdrawVoice: assign({ silentSinceMs: null, offline: false }),
    /** Soon again at a manager: voters who came to the suspicion a little later do not stand by it yet (O14, O15). */
    noteProposal: assign(({ context: { proposals, proposeAtMs, isManager, probeIntervalMs, members } }) => ({
      proposals: proposals + 1,
      nowMs: proposeAtMs,
      proposeAtMs: proposeAtMs + (isManager ? probeIntervalMs : suspicionMinimumMs(members, probeIntervalMs)),
    })),
  },
  guards: {
    isCurrent: ({ context, event }) => 'generation' in event && event.generation === context.generation,
    isNewer: ({ context, event }) =>
      event.type === 'joined.heard' && event.record.generation > context.generation,
    isNewerEnd: ({ context, event }) =>
      event.type === 'departed.heard' && event.generation > context.generation,
    isVoted: ({ context, event }) =>
      event.type === 'votes.counted' && event.generation === context.generation && event.votes > 0,
    isBeforeActive: ({ context, event }) =>
      event.type === 'active.heard' &&
      event.generation === context.generation &&
      (context.phase === 'joining' || context.phase === 'reentering'),
    /** Without our own voice nobody suspects it. */
    isLastVoice: ({ context, event }, { phase }: Pick<PeerContext, 'phase'>) =>
      (event.type === 'probe.answered' || event.type === 'silence.voided') &&
      event.generation === context.generation &&
      context.votes === 0 &&
      context.phase === phase,
    isUnsuspected: ({ context, event }, { phase }: Pick<PeerContext, 'phase'>) =>
      event.type === 'votes.counted' &&
      event.generation === context.generation &&
      event.votes === 0 &&
      context.silentSinceMs === null &&
      context.phase === phase,
    /** Strictly greater wins (O10, O11). */
    isRefuted: ({ context, event }, { phase }: Pick<PeerContext, 'phase'>) =>
      event.type === 'alive.heard' &&
      event.generation === context.generation &&
      event.incarnation > context.incarnation &&
      context.phase === phase,
    isStronger: ({ context, event }) =>
      event.type === 'alive.heard' &&
      event.generation === context.generation &&
      event.incarnation > context.incarnation,
    mayPropose: ({ context }) => context.isManager,
    /** A voice more, or one that knows more: a silent peer is asked again and again. */
    isNews: ({ context, event }) =>
      event.type === 'probe.failed' &&
      event.generation === context.generation &&
      (context.silentSinceMs === null || event.offline !== context.offline),
  },
  delays: {
    joinPatienceMs: ({ context }) => context.joinPatienceMs,
    unverifiedKeptMs: ({ context }) => context.unverifiedKeptMs,
    departedKeptMs: ({ context }) => context.departedKeptMs,
    suspicionMs: ({ context }) => Math.max(0, context.proposeAtMs - context.nowMs),
  },
})
