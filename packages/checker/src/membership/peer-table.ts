import type { PeerContext, PeerEvent, PeerRecord, peerMachine } from '@covey/machines'
import { MachineTable, type Taken } from '../machine-table.js'

/** What a step of the peer machine does in the model, and the rule of the order of news that it breaks. */
interface PeerDeeds {
  /** The generation whose end is told; 0 for none. */
  readonly ended: number
  readonly proposes: boolean
  readonly forgetsVotes: boolean
  /** Another generation is spoken of from now on: the one before must have ended. */
  readonly followed: number
  readonly broken: string | undefined
}

export type PeerTable = MachineTable<typeof peerMachine, PeerDeeds>

const over: readonly string[] = ['departed', 'forgotten']

/** Invariants 13 and 14 of one step that tells the end of a generation, or of none (0). */
function brokenBy({ before, after }: Taken<typeof peerMachine>, ended: number): string | undefined {
  const { generation } = after.context
  if (generation < (before?.context.generation ?? 0))
    return 'no observer sees a generation go back (invariant 13)'
  const wasOver =
    before !== undefined && before.context.generation === generation && over.includes(before.value)
  return (wasOver || ended === generation) && !over.includes(after.value) && generation > 0
    ? 'what has ended is never seen alive again under its generation (invariant 14)'
    : undefined
}

/** The states of the peer machine. What is forgotten are times, and who the subject is. */
export const peerTable = (machine: typeof peerMachine): PeerTable =>
  new MachineTable({
    machine,
    forget: (context: PeerContext) => ({
      ...context,
      heardAtMs: 0,
      silentSinceMs: context.silentSinceMs === null ? null : 0,
      suspectedAtMs: 0,
      nowMs: 0,
      proposeAtMs: 0,
      proposals: 0,
      members: 3,
    }),
    plan: (taken) => {
      const { before, after, effects } = taken
      const end = effects.find(({ type }) => type === 'members.ended')
      const ended = end?.type === 'members.ended' ? end.params.generation : 0
      const generation = before?.context.generation ?? 0
      return {
        ended,
        proposes: effects.some(({ type }) => type === 'departure.propose'),
        forgetsVotes: effects.some(({ type }) => type === 'votes.forget'),
        followed: generation > 0 && after.context.generation > generation ? generation : 0,
        broken: brokenBy(taken, ended),
      }
    },
  })

export const peerInput = {
  nodeId: 'peer',
  isManager: true,
  probeIntervalMs: 1,
  joinPatienceMs: 1,
  unverifiedKeptMs: 1,
  departedKeptMs: 1,
}

const record = (generation: number): PeerRecord => ({
  ...{ generation, bootId: '', roles: [], slots: 0, host: '', pid: 0, since: '', labels: [] },
})

/** The events of a peer, whose times mean nothing here. */
export const peerEvents = {
  joined: (generation: number): PeerEvent => ({ type: 'joined.heard', record: record(generation), atMs: 0 }),
  active: (generation: number): PeerEvent => ({ type: 'active.heard', generation, atMs: 0 }),
  leaving: (generation: number): PeerEvent => ({ type: 'leaving.heard', generation }),
  alive: (generation: number): PeerEvent => ({ type: 'alive.heard', generation, incarnation: 1, atMs: 0 }),
  answered: (generation: number): PeerEvent => ({ type: 'probe.answered', generation, atMs: 0, lagMs: 0 }),
  failed: (generation: number): PeerEvent => ({
    type: 'probe.failed',
    generation,
    atMs: 0,
    members: 3,
    offline: false,
  }),
  counted: (generation: number, votes: number): PeerEvent => ({
    ...{ type: 'votes.counted', generation, votes, atMs: 0, members: 3 },
  }),
}
