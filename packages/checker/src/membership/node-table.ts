import type { EffectFrom } from '@covey/engine'
import type { NodeContext, NodeEvent, nodeMachine } from '@covey/machines'
import { MachineTable } from '../machine-table.js'

/** What the effects of a node are busy with, one at a time: the next abandons the last. */
export interface Task {
  readonly kind: 'look' | 'claim' | 'settle' | 'open' | 'greet' | 'announce' | 'goodbye' | 'depart'
  readonly generation: number
}

/** What a step of the node machine does in the model. */
export type NodeDeed =
  | { readonly kind: 'begin'; readonly task: Task }
  | { readonly kind: 'drain' | 'fence' | 'close' }
  /** It says that it lives, or goodbye. */
  | { readonly kind: 'alive' | 'bye'; readonly generation: number }

type NodeEffect = EffectFrom<typeof nodeMachine>
type TaskEffect = Exclude<NodeEffect['type'], 'name.lookUp'>

const tasks: Partial<Record<TaskEffect, Task['kind']>> = {
  'generation.claim': 'claim',
  'generation.open': 'open',
  'peers.greet': 'greet',
  'active.announce': 'announce',
  'leaving.announce': 'goodbye',
  'departure.write': 'depart',
}

function deedsOf(effect: NodeEffect): readonly NodeDeed[] {
  if (effect.type === 'name.lookUp') return [{ kind: 'begin', task: { kind: 'look', generation: 0 } }]
  if (effect.type === 'parts.drain') return [{ kind: 'drain' }]
  if (effect.type === 'parts.fence') return [{ kind: 'fence' }]
  if (effect.type === 'generation.close') return [{ kind: 'close' }]
  if (typeof effect.params !== 'object' || effect.params === null || !('generation' in effect.params))
    return []
  const { generation } = effect.params
  if (effect.type === 'gossip.send' || effect.type === 'record.send') return [{ kind: 'alive', generation }]
  const kind = tasks[effect.type]
  if (kind === undefined) return []
  const begun: NodeDeed = { kind: 'begin', task: { kind, generation } }
  return kind === 'goodbye' ? [{ kind: 'bye', generation }, begun] : [begun]
}

export type NodeTable = MachineTable<typeof nodeMachine, readonly NodeDeed[]>

/** The states of the node machine. What is forgotten are times, and what waits are drawn from. */
export const nodeTable = (machine: typeof nodeMachine): NodeTable =>
  new MachineTable({
    machine,
    forget: (context: NodeContext) => ({
      ...context,
      chance: 0,
      joinAttempts: 0,
      refutedAtMs: -1e9,
      flapScore: 0,
      flappedAtMs: 0,
      dirty: false,
    }),
    plan: ({ effects }) => effects.flatMap(deedsOf),
  })

/** A process at its start, with its number as its boot id. */
export const nodeInput = (run: number, replace = false) => ({
  nodeId: 'node',
  bootId: String(run),
  replace,
  chance: 0,
  joinAttemptsMax: 16,
  joinDeadlineMs: 1,
  leaveDeadlineMs: 1,
  probeIntervalMs: 1,
  redialMinMs: 1,
  redialMaxMs: 1,
  workerSelfFenceMs: 1,
})

/** That a join takes minutes is not modelled; but that one who is to leave waits for its claim is. */
export const isLongJoin = (ring: string, { leaveWanted }: NodeContext): boolean =>
  !leaveWanted && (ring.includes('joinDeadlineMs') || ring.includes('joinPatienceMs'))

/** Events that are the same whoever they happen to. */
export const nodeEvents = {
  start: { type: 'node.start' },
  leave: { type: 'node.leave', reason: 'graceful_shutdown' },
  slept: { type: 'wakeup.late', lateMs: 1, atMs: 0 },
  drained: { type: 'parts.drained', clean: true },
} as const satisfies Record<string, NodeEvent>
