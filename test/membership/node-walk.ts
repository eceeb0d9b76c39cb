import { type NodeEvent, type NodeInput, nodeMachine } from '@covey/machines'
import { MachineWalk } from '../harness/machine-walk.js'

const input: NodeInput = {
  nodeId: 'a',
  bootId: 'own-boot',
  replace: false,
  chance: 0.5,
  joinAttemptsMax: 3,
  joinDeadlineMs: 60_000,
  leaveDeadlineMs: 10_000,
  probeIntervalMs: 250,
  redialMinMs: 250,
  redialMaxMs: 2_000,
  workerSelfFenceMs: 6_000,
}

/** The events by which a node becomes active under its first generation, and those that end it. */
export const start: NodeEvent = { type: 'node.start' }
export const free: NodeEvent = { type: 'name.seen', latest: 0, answered: false }
export const won: NodeEvent = { type: 'claim.settled', generation: 1, holder: 'own-boot', latest: 1 }
export const lost: NodeEvent = { type: 'claim.settled', generation: 1, holder: 'other-boot', latest: 1 }
export const opened: NodeEvent = { type: 'generation.opened', generation: 1 }
export const greeted: NodeEvent = { type: 'peers.greeted', generation: 1 }
export const announced: NodeEvent = { type: 'active.announced', generation: 1 }
export const leave: NodeEvent = { type: 'node.leave', reason: 'maintenance' }
export const departed = (how: 'crashed' | 'exited' | 'evicted' | 'left'): NodeEvent => ({
  type: 'departure.heard',
  generation: 1,
  how,
  atMs: 0,
})

/** The machine of a node called `a`, to be walked by hand. */
export const walkNode = (more: Partial<NodeInput> = {}) => new MachineWalk(nodeMachine, { ...input, ...more })
