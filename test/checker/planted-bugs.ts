import type { MembershipOptions } from '@covey/checker'
import {
  isEvidence,
  isVote,
  judgeDeparture,
  nodeMachine,
  type PeerContext,
  type PeerEvent,
  peerMachine,
} from '@covey/machines'
import { createMachine } from 'xstate'

/** The rules of departure as they are. */
const soundRules: MembershipOptions['rules'] = { isVote, isEvidence, judgeDeparture }

/** Three nodes of two generations as they are, to which nothing happens. */
export const soundCluster: MembershipOptions = {
  ...{ nodeMachine, peerMachine, rules: soundRules },
  ...{ generationsMax: 2, budgets: {} },
}

type Planted = Partial<MembershipOptions>

/** A departure needs no quorum. */
export const withoutQuorum: Planted = {
  rules: { ...soundRules, judgeDeparture: (ground) => ({ ...judgeDeparture(ground), departs: true }) },
}

/** An equal generation is taken for a newer one. */
export const equalIsNewer: Planted = {
  peerMachine: peerMachine.provide({
    guards: {
      isNewer: ({ context, event }: { context: PeerContext; event: PeerEvent }) =>
        event.type === 'joined.heard' && event.record.generation >= context.generation,
    },
  }),
}

/** A sign of life revives what has departed. */
export const departedRevives: Planted = { peerMachine: reviving() }

function reviving(): typeof peerMachine {
  const { states } = peerMachine.config
  const departed = { ...states?.departed, on: { 'alive.heard': { guard: 'isCurrent', target: 'active' } } }
  const config = { ...peerMachine.config, states: { ...states, departed } }
  return createMachine(config as never, peerMachine.implementations as never) as unknown as typeof peerMachine
}
