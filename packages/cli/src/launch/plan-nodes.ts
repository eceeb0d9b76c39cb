import { resolve } from 'node:path'
import type { Role } from '@covey/protocol'
import type { MetricsOptions } from 'covey'
import type { NodePlan } from './child-node.js'
import type { LaunchOptions } from './launch-options.js'

/** In a row, so that whoever scrapes knows all of them beforehand; a free port for each where the first may be any. */
const portAt = ({ port }: MetricsOptions, position: number): number => (port === 0 ? 0 : port + position)

/** The nodes of a launch by name: `manager-1` and so on, `worker-1` and so on, each with one role. */
export function planNodes(
  options: LaunchOptions,
  place: Pick<NodePlan, 'url' | 'cluster' | 'logFolder'>,
): NodePlan[] {
  const workflows = options.workflows.map((file) => resolve(options.folder, file))
  const { metrics, managers, profile, keeping, servers = 1, shards } = options
  const metricsAt = (position: number) =>
    metrics && { metrics: { ...metrics, port: portAt(metrics, position) } }
  const plan = (role: Role, index: number): NodePlan => ({
    ...place,
    name: `${role}-${index + 1}`,
    roles: [role],
    slots: role === 'worker' ? options.slots : 0,
    replicas: servers,
    workflows: role === 'worker' ? workflows : [],
    ...(shards === undefined ? {} : { shards }),
    ...(profile === undefined ? {} : { profile }),
    ...(keeping === undefined ? {} : { keeping }),
    ...metricsAt(role === 'worker' ? managers + index : index),
  })
  return [
    ...Array.from({ length: managers }, (_, index) => plan('manager', index)),
    ...Array.from({ length: options.workers }, (_, index) => plan('worker', index)),
  ]
}
