import type { Cluster } from './cluster.js'
import type { Process, Sight } from './records.js'

/** Whether an active process holds the generation that it goes by (invariant 10). */
export function ownsIts(cluster: Cluster, process: Process): boolean {
  if (cluster.stateOf(process) !== 'active') return true
  const { generation } = cluster.nodes.view(process.machine).context
  const fact = cluster.facts.find(process.facts, 'joined', generation)
  return fact?.kind === 'joined' && fact.run === process.run
}

/** Whether nothing is left for a process to learn or to do. */
export function settles(cluster: Cluster, process: Process): boolean {
  if (process.machine === 0) return true
  const { task } = process
  // The model has no more generations to give: this one stands for all that would follow.
  const isSpent = task?.kind === 'claim' && task.generation > cluster.options.generationsMax
  if (!isSpent && (cluster.stateOf(process) !== 'active' || task !== null)) return false
  return process.own === cluster.facts.facts(process.facts).length
}

/** Whether an observer has nothing left to learn of a subject, or to do about it, and sees what its facts say. */
export function seesRightly(cluster: Cluster, sight: Sight, subject: Process): boolean {
  const { facts } = cluster
  if (sight.proposed !== 0 || sight.read < facts.facts(subject.facts).length) return false
  const view = cluster.viewOf(sight)
  const latest = facts.latest(subject.facts)
  if (view?.context.generation !== latest) return false
  if (facts.find(subject.facts, 'departed', latest) !== undefined) return view.value === 'departed'
  return view.value === 'active' && cluster.stateOf(subject) === 'active'
}
