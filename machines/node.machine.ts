import type { NodeOutput } from './node.events.js'
import {
  drain,
  ending,
  failedOutput,
  giveBack,
  giveUp,
  lookUp,
  ofGeneration,
  said,
  truth,
  unstarted,
  word,
} from './node.params.js'
import { nodeSetup } from './node.setup.js'

/**
 * This process as a member. It holds one generation at a time, which is claimed as a fact, opened, greeted, announced,
 * and ends once. A generation that has ended never comes back; a process that still lives takes the next one.
 */
export const nodeMachine = nodeSetup.createMachine({
  id: 'node',
  version: '1',
  options: { maxIterations: 1_000 },
  context: ({ input }) => ({ ...unstarted, ...input }),
  initial: 'idle',
  output: ({ event }) => event.output as NodeOutput,
  states: {
    idle: {
      description: 'Made, and not asked to start.',
      meta: { rests: 'its owner, who starts it in the same turn or never' },
      on: { 'node.start': 'dialing', 'node.leave': 'departed' },
    },
    dialing: {
      description: 'Reads the facts of its name and asks the newest generation whether it lives (K15).',
      entry: { type: 'name.lookUp', params: lookUp },
      on: {
        'name.seen': [
          { guard: 'isNewcomerPutOut', target: 'failed', actions: 'failEvicted' },
          { guard: 'isPutOut', target: 'departed', actions: 'endEvicted' },
          { guard: 'isTakenFromNewcomer', target: 'failed', actions: 'failNameInUse' },
          { guard: 'isTaken', target: 'departed', actions: 'endSuperseded' },
          { target: 'joining', actions: 'aimBeyond' },
        ],
        'join.refused': giveUp,
        'node.leave': [
          { guard: 'hasEnded', target: 'departed' },
          { target: 'leaving', actions: 'noteLeave' },
        ],
        'departure.heard': [
          { guard: 'isEviction', target: 'departed', actions: 'endEvicted' },
          { guard: 'isOwn', actions: 'noteOwnEnd' },
        ],
      },
      after: {
        joinDeadlineMs: [
          { guard: 'isNewcomer', target: 'failed', actions: 'failUnreachable' },
          { target: 'reentering' },
        ],
      },
    },
    joining: {
      description:
        'Claims a generation, opens its subjects, greets the active peers, then says that it is active (K31).',
      entry: {
        type: 'generation.claim',
        params: ({ context }) => ({ generation: context.candidate }),
      },
      on: {
        'claim.settled': [
          { guard: 'isWonThoughLeaving', target: 'leaving', actions: 'holdCandidate' },
          { guard: 'isLeaveWanted', target: 'departed' },
          // It was put out while it claimed: the look at its name that follows says so again, and ends it.
          { guard: 'isWonThoughPutOut', target: 'dialing', actions: ['noteLostClaim', giveBack] },
          {
            guard: 'isWon',
            actions: ['holdCandidate', { type: 'generation.open', params: ofGeneration }],
          },
          { guard: 'isLastAttempt', target: 'failed', actions: 'failNameInUse' },
          { target: 'dialing', actions: 'noteLostClaim' },
        ],
        'generation.opened': { guard: 'isOwn', actions: { type: 'peers.greet', params: ofGeneration } },
        'peers.greeted': { guard: 'isOwn', actions: { type: 'active.announce', params: ofGeneration } },
        'active.announced': { guard: 'isOwn', target: 'active' },
        'join.refused': [
          { guard: 'isLeaveWanted', target: 'departed' },
          {
            guard: 'isNewcomer',
            target: 'failed',
            actions: ['failRefused', { type: 'departure.write', params: ending }],
          },
          // There may be room again: who took part goes on trying, less and less often.
          { target: 'reentering', actions: 'noteFlap' },
        ],
        'node.leave': [
          // Its claim is under way, and what is left of the time runs already.
          { guard: 'isLeaveWanted' },
          {
            guard: 'isClaimUnsettled',
            target: 'joining',
            reenter: true,
            actions: ['noteLeave', 'noteLeaveWanted'],
          },
          { target: 'leaving', actions: 'noteLeave' },
        ],
        'departure.heard': [
          { guard: 'isEviction', target: 'departed', actions: 'endEvicted' },
          { guard: 'isHeldCandidate', target: 'reentering', actions: 'noteFlap' },
          { guard: 'isCandidate', actions: 'noteCandidateEnded' },
          { guard: 'isOwn', actions: 'noteOwnEnd' },
        ],
        'successor.heard': { guard: 'isBeyondCandidate', target: 'departed', actions: 'endSuperseded' },
        'link.found': { guard: 'isClaimHeld', actions: { type: 'facts.assure', params: said('joined') } },
      },
      after: {
        joinPatienceMs: [
          // Nobody can say whether its claim is won: there is no generation to say goodbye from.
          { guard: 'isLeaveWanted', target: 'departed' },
          {
            guard: 'isNewcomer',
            target: 'failed',
            actions: ['failDeadline', { type: 'departure.write', params: ending }],
          },
          { target: 'reentering' },
        ],
      },
    },
    active: {
      description: 'Takes part: it is probed, votes, and its parts work.',
      meta: { rests: 'the process, which leaves, is departed by others, or sleeps too long' },
      entry: ['noteActive', { type: 'parts.activate', params: {} }],
      on: {
        'node.leave': { target: 'leaving', actions: 'noteLeave' },
        'suspicion.heard': [
          {
            guard: 'isUnanswered',
            actions: [
              'noteRefuted',
              { type: 'gossip.send', params: word },
              { type: 'record.send', params: truth },
            ],
          },
          {
            guard: 'isStaleSuspicion',
            actions: { type: 'record.send', params: truth },
          },
        ],
        'wakeup.late': { guard: 'isBeyondLease', target: 'fenced', actions: 'noteFlap' },
        'departure.heard': [
          {
            guard: 'isEviction',
            target: 'departed',
            actions: [{ type: 'parts.fence', params: {} }, 'endEvicted'],
          },
          {
            guard: 'isOwn',
            target: 'reentering',
            actions: [{ type: 'parts.fence', params: {} }, 'noteFlap'],
          },
        ],
        'successor.heard': {
          guard: 'isSuccessor',
          target: 'departed',
          actions: [{ type: 'parts.fence', params: {} }, 'endSuperseded'],
        },
        'link.found': { actions: { type: 'facts.assure', params: said('active') } },
      },
    },
    leaving: {
      description: 'Says goodbye with a reason, and lets what runs finish or hands it back (S8).',
      entry: [
        {
          type: 'leaving.announce',
          params: ({ context }) => ({ generation: context.generation, reason: context.reason }),
        },
        { type: 'parts.drain', params: drain },
      ],
      on: {
        'parts.drained': { actions: ['noteDrained', { type: 'departure.write', params: ending }] },
        'departure.written': 'departed',
        'departure.heard': [
          { guard: 'isOwnGoodbye', target: 'departed' },
          {
            guard: 'isEviction',
            target: 'departed',
            actions: [{ type: 'parts.fence', params: {} }, 'endEvicted'],
          },
          { guard: 'isOwn', target: 'departed', actions: { type: 'parts.fence', params: {} } },
        ],
        'successor.heard': {
          guard: 'isSuccessor',
          target: 'departed',
          actions: [{ type: 'parts.fence', params: {} }, 'endSuperseded'],
        },
        'wakeup.late': {
          guard: 'isBeyondLease',
          actions: ['noteDirty', { type: 'parts.fence', params: {} }],
        },
      },
      after: { leaveDeadlineMs: { target: 'departed', actions: { type: 'parts.fence', params: {} } } },
    },
    fenced: {
      description:
        'Slept longer than its leases: nothing exclusive runs, and the generation is given up (S11).',
      entry: ['noteDirty', { type: 'parts.fence', params: {} }],
      on: {
        'node.leave': { target: 'leaving', actions: 'noteLeave' },
        'departure.heard': [
          { guard: 'isEviction', target: 'departed', actions: 'endEvicted' },
          { guard: 'isOwn', target: 'reentering', actions: 'noteOwnEnd' },
        ],
        'successor.heard': { guard: 'isSuccessor', target: 'departed', actions: 'endSuperseded' },
      },
      after: { fenceRestMs: 'reentering' },
    },
    reentering: {
      description:
        'Its generation has ended though the process lives: waits, damped, and takes a new one (S12, S16).',
      entry: { type: 'generation.close', params: {} },
      on: {
        'join.refused': giveUp,
        'node.leave': [
          { guard: 'hasEnded', target: 'departed' },
          { target: 'leaving', actions: 'noteLeave' },
        ],
        'departure.heard': [
          { guard: 'isEviction', target: 'departed', actions: 'endEvicted' },
          { guard: 'isOwn', actions: 'noteOwnEnd' },
        ],
      },
      after: { reentryDelayMs: 'dialing' },
    },
    departed: {
      type: 'final',
      description: 'Takes part no more; only a new start of the node, by rejoin(), brings it back (A9).',
      entry: { type: 'generation.close', params: {} },
      output: ({ context }) => ({ state: 'departed', reason: context.departedReason }),
    },
    failed: {
      type: 'final',
      description: 'Never took part, and will not: the reason says why.',
      entry: { type: 'generation.close', params: {} },
      output: failedOutput,
    },
  },
})
