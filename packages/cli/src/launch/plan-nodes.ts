import { resolve } from 'node:path'
import type { Role } from '@covey/protocol'
import type { NodePlan } from './child-node.js'
import type { LaunchOptions } from './launch-options.js'

/** The nodes of a launch by name: `manager-1` and so on, `worker-1` and so on, each with one role. */
export function planNodes(
  options: LaunchOptions,
  place: Pick<NodePlan, 'url' | 'cluster' | 'logFolder'>,
): NodePlan[] {
  const workflows = options.workflows.map((file) => resolve(options.folder, file))
  const plan = (role: Role, index: number): NodePlan => ({
    ...place,
    name: `${role}-${index + 1}`,
    roles: [role],
    slots: role === 'worker' ? options.slots : 0,
    workflows: role === 'worker' ? workflows : [],
  })
  return [
    ...Array.from({ length: options.managers }, (_, index) => plan('manager', index)),
    ...Array.from({ length: options.workers }, (_, index) => plan('worker', index)),
  ]
}
