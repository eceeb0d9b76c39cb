import type { GoodbyeReason } from '@covey/protocol'
import { assign, setup } from 'xstate'
import type { NodeContext, NodeEvent, NodeInput, NodeOutput } from './node.events.js'
import { claimPatienceMs, goodbyeMs } from './node.params.js'
import { flapScore, reentryDelayMs } from './rules/reentry.js'
import { nextChance } from './rules/retry-jitter.js'

/** The effects, guards and delays of the node machine, which is in `node.machine.ts`. */
export const nodeSetup = setup({
  types: {
    context: {} as NodeContext,
    events: {} as NodeEvent,
    input: {} as NodeInput,
    output: {} as NodeOutput,
  },
  actions: {
    'name.lookUp': (_, _params: { delayMs: number }) => {},
    'generation.claim': (_, _params: { generation: number }) => {},
    'generation.open': (_, _params: { generation: number }) => {},
    'peers.greet': (_, _params: { generation: number }) => {},
    'active.announce': (_, _params: { generation: number }) => {},
    'parts.activate': (_, _params: object) => {},
    'parts.drain': (_, _params: { deadlineMs: number }) => {},
    'parts.fence': (_, _params: object) => {},
    'leaving.announce': (_, _params: { generation: number; reason: GoodbyeReason }) => {},
    'departure.write': (_, _params: { generation: number; reason: GoodbyeReason; dirty: boolean }) => {},
    'generation.close': (_, _params: object) => {},
    'facts.assure': (_, _params: { generation: number; phase: 'joined' | 'active' }) => {},
    'gossip.send': (_, _params: { generation: number; incarnation: number }) => {},
    'record.send': (_, _params: { observer: string; generation: number; incarnation: number }) => {},
    // A store that lost what was said last has forgotten generations, and who held one has not (K11).
    aimBeyond: assign(({ context, event }) =>
      event.type === 'name.seen'
        ? { candidate: Math.max(event.latest, context.generation) + 1, candidateEnded: false }
        : {},
    ),
    holdCandidate: assign(({ context }) => ({
      generation: context.candidate,
      hasEnded: false,
      incarnation: 0,
      dirty: false,
    })),
    noteLostClaim: assign(({ context }) => ({
      joinAttempts: context.joinAttempts + 1,
      chance: nextChance(context.chance),
    })),
    noteActive: assign({ wasActive: true, joinAttempts: 0 }),
    noteLeave: assign(({ event }) => (event.type === 'node.leave' ? { reason: event.reason } : {})),
    noteLeaveWanted: assign({ leaveWanted: true }),
    noteDrained: assign(({ context, event }) => ({
      dirty: context.dirty || (event.type === 'parts.drained' && !event.clean),
    })),
    noteDirty: assign({ dirty: true }),
    noteRefuted: assign(({ context, event }) => ({
      incarnation: 1 + ('incarnation' in event ? event.incarnation : context.incarnation),
      refutedAtMs: 'atMs' in event ? event.atMs : context.refutedAtMs,
    })),
    noteOwnEnd: assign({ hasEnded: true }),
    noteCandidateEnded: assign({ candidateEnded: true }),
    noteFlap: assign(({ context, event }) => {
      const flappedAtMs = 'atMs' in event ? event.atMs : context.flappedAtMs
      const score = flapScore(context.flapScore, flappedAtMs - context.flappedAtMs)
      const hasEnded = context.hasEnded || event.type === 'departure.heard'
      return { flapScore: score, flappedAtMs, hasEnded, chance: nextChance(context.chance) }
    }),
    endSuperseded: assign({ departedReason: 'superseded' }),
    endEvicted: assign({ departedReason: 'evicted' }),
    failRefused: assign(({ event }) =>
      event.type === 'join.refused' ? { failure: event.code, failureDetail: event.detail ?? null } : {},
    ),
    failNameInUse: assign({ failure: 'name_in_use' }),
    failEvicted: assign({ failure: 'evicted' }),
    failUnreachable: assign({ failure: 'unreachable' }),
    failDeadline: assign({ failure: 'deadline' }),
  },
  guards: {
    isNewcomer: ({ context }) => !context.wasActive,
    hasEnded: ({ context }) => context.hasEnded,
    isNewcomerPutOut: ({ context, event }) =>
      event.type === 'name.seen' && event.evicted === true && !context.wasActive,
    isPutOut: ({ event }) => event.type === 'name.seen' && event.evicted === true,
    isWonThoughPutOut: ({ context, event }) =>
      event.type === 'claim.settled' && event.evicted === true && event.holder === context.bootId,
    isTaken: ({ context, event }) =>
      event.type === 'name.seen' && event.answered && (context.wasActive || !context.replace),
    isTakenFromNewcomer: ({ context, event }) =>
      event.type === 'name.seen' && event.answered && !context.wasActive && !context.replace,
    isWon: ({ context, event }) =>
      !context.candidateEnded &&
      event.type === 'claim.settled' &&
      event.holder === context.bootId &&
      event.generation === context.candidate &&
      event.latest === context.candidate,
    isLeaveWanted: ({ context }) => context.leaveWanted,
    isWonThoughLeaving: ({ context, event }) =>
      context.leaveWanted &&
      !context.candidateEnded &&
      event.type === 'claim.settled' &&
      event.generation === context.candidate &&
      event.holder === context.bootId,
    isLastAttempt: ({ context }) => !context.wasActive && context.joinAttempts + 1 >= context.joinAttemptsMax,
    isClaimUnsettled: ({ context }) => context.generation !== context.candidate,
    isClaimHeld: ({ context }) => context.generation === context.candidate,
    isHeldCandidate: ({ context, event }) =>
      'generation' in event &&
      event.generation === context.generation &&
      event.generation === context.candidate,
    isCandidate: ({ context, event }) => 'generation' in event && event.generation === context.candidate,
    isOwn: ({ context, event }) => 'generation' in event && event.generation === context.generation,
    /** The own word that it has left, heard before it was acknowledged. */
    isOwnGoodbye: ({ context, event }) =>
      event.type === 'departure.heard' && event.how === 'left' && event.generation === context.generation,
    isEviction: ({ context, event }) =>
      event.type === 'departure.heard' && event.how === 'evicted' && event.generation === context.generation,
    /** The same generation is won twice only where the store has forgotten the first one: it is the other's now (K11). */
    isSuccessor: ({ context, event }) =>
      event.type === 'successor.heard' &&
      event.generation >= context.generation &&
      event.bootId !== context.bootId,
    /** Joined facts of former generations may still be told while a claim is under way: they supersede nobody. */
    isBeyondCandidate: ({ context, event }) =>
      event.type === 'successor.heard' &&
      event.bootId !== context.bootId &&
      (event.generation > context.candidate ||
        (event.generation === context.candidate && event.generation === context.generation)),
    isUnanswered: ({ context, event }) =>
      event.type === 'suspicion.heard' &&
      event.generation === context.generation &&
      event.incarnation >= context.incarnation &&
      event.atMs - context.refutedAtMs >= context.probeIntervalMs,
    /** It has been refuted, or is of an older generation: its speaker has missed that (S6, S7). */
    isStaleSuspicion: ({ context, event }) =>
      event.type === 'suspicion.heard' &&
      (event.generation < context.generation ||
        (event.generation === context.generation && event.incarnation < context.incarnation)),
    isBeyondLease: ({ context, event }) =>
      event.type === 'wakeup.late' && event.lateMs >= context.workerSelfFenceMs,
  },
  delays: {
    joinDeadlineMs: ({ context }) => context.joinDeadlineMs,
    joinPatienceMs: ({ context }) =>
      context.leaveWanted ? claimPatienceMs(context) : context.joinDeadlineMs,
    leaveDeadlineMs: ({ context }) => goodbyeMs(context),
    fenceRestMs: ({ context }) => context.probeIntervalMs,
    reentryDelayMs: ({ context }) => reentryDelayMs(context.flapScore, context.chance),
  },
})
