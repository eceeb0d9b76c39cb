import type { nodeMachine, peerMachine } from '@covey/machines'
import type { View } from '../machine-table.js'
import type { State } from '../model.js'
import type { Cluster } from './cluster.js'
import type { Layout } from './layout.js'
import type { Process, Sight } from './records.js'

/** A state of a cluster as plain data, in place of the numbers that each model gives in an order of its own. */
export interface ClusterLook {
  readonly nodes: readonly NodeLook[]
  readonly pairs: readonly PairLook[]
}

interface NodeLook {
  readonly process: Process
  readonly facts: readonly string[]
  readonly view: View<typeof nodeMachine> | undefined
}

interface PairLook {
  readonly observer: number
  readonly subject: number
  readonly sight: Sight
  readonly view: View<typeof peerMachine> | undefined
  /** What the observer has of the words of others against the subject, as bits. */
  readonly voices: readonly { readonly node: number; readonly voice: number }[]
}

export const lookAt = (cluster: Cluster, layout: Layout, state: State): ClusterLook => ({
  nodes: layout.nodes.map((node) => {
    const process = cluster.processes.at(state[node] as number)
    const view = process.machine === 0 ? undefined : cluster.nodes.view(process.machine)
    return { process, facts: cluster.facts.texts(process.facts), view }
  }),
  pairs: layout.pairs.map(({ observer, subject, sight, voters }) => {
    const seen = cluster.sights.at(state[sight] as number)
    const voices = voters.map(({ node, voice }) => ({ node, voice: state[voice] as number }))
    return { observer, subject, sight: seen, view: cluster.viewOf(seen), voices }
  }),
})
