import type { State } from '../model.js'
import type { Cluster } from './cluster.js'
import { type Layout, nameOf, type Pair, voices } from './layout.js'
import type { Process } from './records.js'

const silenceTexts = ['', ', silent for the suspicion timeout', ', silent for a lease']

/** A state in words: each node, its facts, and how it sees the others. */
export function tellCluster(cluster: Cluster, { nodes, pairs }: Layout, state: State): readonly string[] {
  return nodes.flatMap((node) => {
    const process = cluster.processes.at(state[node] as number)
    return [
      ...tellProcess(cluster, nameOf(node), process),
      ...pairs.filter(({ observer }) => observer === node).flatMap((pair) => tellSight(cluster, pair, state)),
    ]
  })
}

function tellProcess(cluster: Cluster, name: string, process: Process): readonly string[] {
  const { machine, facts } = process
  const generation = machine === 0 ? 0 : cluster.nodes.view(machine).context.generation
  return [
    `${name} is ${cluster.stateOf(process)}${generation === 0 ? '' : `, generation ${generation}`}`,
    `facts of ${name}: ${cluster.facts.texts(facts).join(', ')}`,
  ]
}

function tellSight(
  cluster: Cluster,
  { observer, subject, sight, voters }: Pair,
  state: State,
): readonly string[] {
  const seen = cluster.sights.at(state[sight] as number)
  const view = cluster.viewOf(seen)
  if (view === undefined) return []
  const { generation, votes, silentSinceMs } = view.context
  const heard = voters.filter(({ voice }) => ((state[voice] as number) & voices.held) !== 0)
  return [
    [
      `${nameOf(observer)} sees ${nameOf(subject)} as ${view.value}, generation ${generation}`,
      silentSinceMs === null ? '' : ', by its own probe',
      votes === 0 ? '' : `, by ${votes === 1 ? 'a vote' : `${votes} votes`}`,
      heard.length === 0 ? '' : `, with the word of ${heard.map(({ node }) => nameOf(node)).join(' and ')}`,
      silenceTexts[seen.silence],
    ].join(''),
  ]
}
