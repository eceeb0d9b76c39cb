import type { PeerContext, PeerEvent } from './peer.events.js'
import { peerSetup } from './peer.setup.js'

type DepartedNews = Extract<PeerEvent, { type: 'departed.heard' }>

const target = ({ context: { nodeId, generation } }: { context: PeerContext }) => ({ nodeId, generation })
const name = ({ context: { nodeId } }: { context: PeerContext }) => ({ nodeId })

const endByFact = {
  type: 'members.ended',
  params: ({ context, event }: { context: PeerContext; event: DepartedNews }) => ({
    nodeId: context.nodeId,
    generation: event.generation,
    how: event.how,
    dirty: event.dirty,
  }),
} as const
/** A newer generation has joined and no fact says how the older ended: its lease is waited for (K15, O5). */
const endBySuccessor = {
  type: 'members.ended',
  params: ({ context }: { context: PeerContext }) => ({
    ...target({ context }),
    how: 'superseded' as const,
    dirty: false,
  }),
} as const

/** The ways out of a suspicion that is withdrawn: back to what the facts say. */
const back = <const Guard extends 'isLastVoice' | 'isUnsuspected' | 'isRefuted', const Actions>(
  type: Guard,
  actions: Actions,
) =>
  [
    { guard: { type, params: { phase: 'active' } }, target: 'active', actions },
    { guard: { type, params: { phase: 'leaving' } }, target: 'leaving', actions },
    { guard: { type, params: { phase: 'joining' } }, target: 'joining', actions },
    { guard: { type, params: { phase: 'reentering' } }, target: 'reentering', actions },
  ] as const

/**
 * Another node as this one sees it, whatever it is called by address. Rumours and silence only make it suspect, which
 * routes around it; facts alone end a generation, once, before the next one is spoken of.
 */
export const peerMachine = peerSetup.createMachine({
  id: 'peer',
  version: '1',
  options: { maxIterations: 1_000 },
  context: ({ input }) => ({
    generation: 0,
    bootId: '',
    roles: [],
    slots: 0,
    host: '',
    pid: 0,
    since: '',
    labels: [],
    phase: 'joining',
    incarnation: 0,
    heardAtMs: Number.NEGATIVE_INFINITY,
    silentSinceMs: null,
    offline: false,
    busy: false,
    votes: 0,
    suspectedAtMs: 0,
    members: 2,
    nowMs: 0,
    proposeAtMs: 0,
    proposals: 0,
    ...input,
  }),
  initial: 'unverified',
  on: {
    'joined.heard': { guard: 'isNewer', target: '.reentering', actions: [endBySuccessor, 'takeRecord'] },
    'departed.heard': { guard: 'isCurrent', target: '.departed', actions: endByFact },
  },
  states: {
    unverified: {
      description: 'Somebody speaks of it, and no fact has named it: nothing is sent to it (O2).',
      on: {
        'rumour.heard': { actions: { type: 'facts.look', params: name } },
        'joined.heard': { guard: 'isNewer', target: 'joining', actions: 'takeRecord' },
      },
      after: { unverifiedKeptMs: 'forgotten' },
    },
    joining: {
      description: 'Its first generation seen here has a joined fact and is not active yet.',
      on: {
        'active.heard': { guard: 'isCurrent', target: 'active', actions: 'noteActive' },
        'leaving.heard': { guard: 'isCurrent', target: 'leaving', actions: 'noteLeaving' },
      },
      after: { joinPatienceMs: { target: 'suspect', actions: 'doubtJoin' } },
    },
    reentering: {
      description: 'An older generation has ended and a newer one has joined, which is not active yet.',
      entry: { type: 'connection.close', params: name },
      on: {
        'active.heard': { guard: 'isCurrent', target: 'active', actions: 'noteActive' },
        'leaving.heard': { guard: 'isCurrent', target: 'leaving', actions: 'noteLeaving' },
      },
      after: { joinPatienceMs: { target: 'suspect', actions: 'doubtJoin' } },
    },
    active: {
      description: 'Takes part, and answers when asked.',
      meta: { rests: 'the prober, which asks it in turn for as long as it is here' },
      entry: { type: 'connection.open', params: target },
      on: {
        'probe.answered': { guard: 'isCurrent', actions: 'noteAnswer' },
        'probe.failed': { guard: 'isCurrent', target: 'suspect', actions: 'beginSuspicion' },
        'votes.counted': { guard: 'isVoted', target: 'suspect', actions: 'beginSuspicion' },
        'alive.heard': { guard: 'isStronger', actions: 'noteAlive' },
        'leaving.heard': { guard: 'isCurrent', target: 'leaving', actions: 'noteLeaving' },
      },
    },
    leaving: {
      description: 'Says goodbye: it gets no new work, and is still asked whether it lives (O18).',
      meta: { rests: 'its own departed fact, or the prober when it dies before it has written that' },
      entry: { type: 'connection.drain', params: name },
      on: {
        'probe.answered': { guard: 'isCurrent', actions: 'noteAnswer' },
        'probe.failed': { guard: 'isCurrent', target: 'suspect', actions: 'beginSuspicion' },
        'votes.counted': { guard: 'isVoted', target: 'suspect', actions: 'beginSuspicion' },
        'alive.heard': { guard: 'isStronger', actions: 'noteAlive' },
      },
    },
    suspect: {
      description:
        'Somebody finds it silent: it is routed around, until it answers or departs by votes (O7 to O15).',
      on: {
        'probe.answered': [
          ...back('isLastVoice', 'noteAnswer'),
          { guard: 'isCurrent', actions: 'noteAnswer' },
        ],
        'silence.voided': [
          ...back('isLastVoice', 'withdrawVoice'),
          { guard: 'isCurrent', actions: 'withdrawVoice' },
        ],
        'probe.failed': { guard: 'isNews', target: 'suspect', reenter: true, actions: 'countVoices' },
        'votes.counted': [
          ...back('isUnsuspected', 'noteUnshared'),
          { guard: 'isCurrent', target: 'suspect', reenter: true, actions: 'countVoices' },
        ],
        'alive.heard': back('isRefuted', ['noteAlive', { type: 'votes.forget', params: target }]),
        'active.heard': { guard: 'isBeforeActive', target: 'active', actions: 'noteActive' },
        'leaving.heard': {
          guard: 'isCurrent',
          actions: ['noteLeaving', { type: 'connection.drain', params: name }],
        },
      },
      after: {
        suspicionMs: [
          {
            guard: 'mayPropose',
            target: 'suspect',
            reenter: true,
            actions: ['noteProposal', { type: 'departure.propose', params: target }],
          },
          { target: 'suspect', reenter: true, actions: 'noteProposal' },
        ],
      },
    },
    departed: {
      description: 'Its generation has ended, for ever: nothing it says under it is heard again (O16, O19).',
      entry: { type: 'connection.close', params: name },
      on: {
        // Of a generation that nobody has had: an operator's word on its name (ADR 42).
        'departed.heard': [{ guard: 'isNewerEnd', actions: ['noteEnd', endByFact] }, {}],
        'joined.heard': { guard: 'isNewer', target: 'reentering', actions: 'takeRecord' },
      },
      after: { departedKeptMs: 'forgotten' },
    },
    forgotten: {
      type: 'final',
      description: 'Long gone: nothing of it is kept here; its facts keep its generation.',
      entry: { type: 'connection.close', params: name },
    },
  },
})
