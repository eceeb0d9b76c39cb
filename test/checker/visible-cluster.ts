import type { ClusterLook } from '@covey/checker'

type Process = ClusterLook['nodes'][number]['process']
type Sight = ClusterLook['pairs'][number]['sight']

/**
 * What of a cluster the rules look at, and all that can be seen from outside a process: all but how far a node has read
 * of its own facts, what its effects are busy with, and which departure an observer has under way.
 */
export function visibleOf({ nodes, pairs }: ClusterLook): string {
  return [
    ...nodes.map(
      ({ process, facts, view }) =>
        `${textOf(process, ofProcess)} ${facts.join()} ${view && textOf(view, all)}`,
    ),
    ...pairs.map(({ observer, subject, sight, view, voices }) => {
      const heard = voices.map(({ node, voice }) => `${node}: ${voice}`).join()
      return `${observer} of ${subject}: ${textOf(sight, ofSight)} ${view && textOf(view, all)} ${heard}`
    }),
  ].join('\n')
}

const all = (record: object): object => record
const ofProcess = ({ run, door, isDraining, alive, goodbyes }: Process): object => [
  ...[run, door, isDraining, alive, goodbyes],
]
const ofSight = ({ read, silence, ended }: Sight): object => [read, silence, ended]

/** States are made of the same few records, each of which is put into words once. */
const texts = new WeakMap<object, string>()
function textOf<TRecord extends object>(record: TRecord, visible: (record: TRecord) => object): string {
  const known = texts.get(record) ?? JSON.stringify(visible(record))
  texts.set(record, known)
  return known
}

/** The same, whatever the nodes are called: the first of what is visible under all names. */
export function namelessOf(look: ClusterLook): string {
  const orders = ordersOf(look.nodes.map((_, node) => node))
  return orders.map((order) => visibleOf(renamed(look, order))).sort()[0] ?? ''
}

function renamed({ nodes, pairs }: ClusterLook, order: readonly number[]): ClusterLook {
  const rename = <TNamed extends { readonly node: number }>(named: TNamed): TNamed => ({
    ...named,
    node: order.indexOf(named.node),
  })
  return {
    nodes: order.flatMap((node) => nodes[node] ?? []),
    pairs: pairs
      .map((pair) => ({
        ...pair,
        observer: order.indexOf(pair.observer),
        subject: order.indexOf(pair.subject),
        voices: pair.voices.map(rename).sort((one, other) => one.node - other.node),
      }))
      .sort((one, other) => one.observer - other.observer || one.subject - other.subject),
  }
}

const ordersOf = (nodes: readonly number[]): readonly (readonly number[])[] =>
  nodes.length === 0
    ? [[]]
    : nodes.flatMap((first) =>
        ordersOf(nodes.filter((node) => node !== first)).map((rest) => [first, ...rest]),
      )
