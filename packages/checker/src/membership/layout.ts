import type { Field, State } from '../model.js'

/** The three nodes; `no` counts them from 0. */
export const names = ['a', 'b', 'c'] as const
export const everyNode = [0, 1, 2] as const
export type NodeNumber = (typeof everyNode)[number]

/** The one of three that is neither of two. */
export const thirdOf = (one: NodeNumber, other: NodeNumber): NodeNumber => (3 - one - other) as NodeNumber
const others = [
  [1, 2],
  [0, 2],
  [0, 1],
] as const
export const othersOf = (node: NodeNumber): readonly [NodeNumber, NodeNumber] => others[node]

const ofNode = {
  /** The node machine; 0 where no process runs. */
  node: 10,
  /** What its effects are busy with. */
  task: 6,
  draining: 1,
  /** The generation whose door is open. */
  door: 2,
  /** The facts of its name, in order. */
  facts: 9,
  /** Facts of the own name that it has read. */
  own: 4,
  /** How often a process of this name was started. */
  run: 2,
  /** What it has said of itself, for ever under way: that it lives (bits 0 and 1), goodbye (2 and 3), by generation. */
  said: 4,
} as const
const ofPair = {
  /** The peer machine; 0 where the observer knows nothing of the subject. */
  peer: 10,
  /** Facts of the subject that the observer has read. */
  read: 4,
  /** How long the subject has been silent: 0 not long, 1 for the suspicion timeout, 2 for a lease. */
  silence: 2,
  /** A statement of the third node against the subject is held. */
  vote: 1,
  /** What has become of a proposal to depart the subject. */
  ask: 3,
  /** Generations of the subject whose end was told, a bit for each. */
  ended: 2,
} as const
const ofAll = { crashes: 2, restarts: 2, leaves: 2, sleeps: 2, silences: 2, repeats: 2 } as const

export type NodeField = keyof typeof ofNode
export type PairField = keyof typeof ofPair
/** What may still happen. */
export type Budget = keyof typeof ofAll
export const budgets = Object.keys(ofAll) as readonly Budget[]

const nodeFields = Object.keys(ofNode) as readonly NodeField[]
const pairFields = Object.keys(ofPair) as readonly PairField[]
const pairsAt = 3 * nodeFields.length
const budgetsAt = pairsAt + 6 * pairFields.length

const indexOf = <TName extends string>(list: readonly TName[]): Record<TName, number> =>
  Object.fromEntries(list.map((name, index) => [name, index])) as Record<TName, number>
const nodeIndex = indexOf(nodeFields)
const pairIndex = indexOf(pairFields)
const budgetIndex = indexOf(budgets)

/** Where a field of a node is in a state. */
export const at = (field: NodeField, node: NodeNumber): number => nodeIndex[field] * 3 + node
/** Where a field of an observer and its subject is in a state. */
export const of = (field: PairField, observer: NodeNumber, subject: NodeNumber): number =>
  pairsAt + pairIndex[field] * 6 + observer * 2 + (subject > observer ? subject - 1 : subject)
export const budgetAt = (budget: Budget): number => budgetsAt + budgetIndex[budget]

export const get = (state: State, index: number): number => state[index] as number

/** The fields of all states. */
export const fields: readonly Field[] = [
  ...nodeFields.flatMap((name) => names.map((node) => ({ name: `${name} of ${node}`, bits: ofNode[name] }))),
  ...pairFields.flatMap((name) =>
    everyNode.flatMap((observer) =>
      othersOf(observer).map((subject) => ({
        name: `${name} of ${names[subject]} at ${names[observer]}`,
        bits: ofPair[name],
      })),
    ),
  ),
  ...budgets.map((name) => ({ name, bits: ofAll[name] })),
]

/** A process has ended: what it knew is gone, what it said and wrote is not. */
export function endProcess(next: Int32Array, node: NodeNumber): void {
  for (const field of ['node', 'task', 'draining', 'door', 'own'] as const) next[at(field, node)] = 0
  for (const subject of othersOf(node)) for (const field of pairFields) next[of(field, node, subject)] = 0
}

const orders: readonly (readonly NodeNumber[])[] = everyNode.flatMap((one) =>
  others[one].map((other) => [one, other, thirdOf(one, other)]),
)
/** For each order of the nodes, which field of a state comes to which place. */
const sources = orders.map((order) => {
  const source = fields.map((_, index) => index)
  const from = (node: NodeNumber): NodeNumber => order[node] as NodeNumber
  for (const node of everyNode) {
    for (const field of nodeFields) source[at(field, node)] = at(field, from(node))
    for (const other of others[node]) {
      for (const field of pairFields) source[of(field, node, other)] = of(field, from(node), from(other))
    }
  }
  return Uint8Array.from(source)
})
const scratch = new Int32Array(fields.length)

/** A number for a node that does not depend on its name. */
function rankOf(state: State, node: NodeNumber): number {
  let rank = 0
  for (let index = node; index < pairsAt; index += 3) rank = (Math.imul(rank, 31) + get(state, index)) | 0
  for (const other of others[node]) {
    rank = (rank + Math.imul(get(state, of('peer', node, other)), 7_919)) | 0
    rank = (rank + Math.imul(get(state, of('peer', other, node)), 104_729)) | 0
  }
  return rank
}

/** Puts the nodes into an order that does not depend on their names. */
export function sortNodes(state: Int32Array): void {
  const a = rankOf(state, 0)
  const b = rankOf(state, 1)
  const c = rankOf(state, 2)
  if (a <= b && b <= c) return
  const first = a <= b && a <= c ? 0 : Number(b > c) + 1
  const [left, right] = others[first as NodeNumber]
  const ranks = [a, b, c]
  const isInOrder = (ranks[left] as number) <= (ranks[right] as number)
  const source = sources[first * 2 + (isInOrder ? 0 : 1)] as Uint8Array
  scratch.set(state)
  for (let index = 0; index < budgetsAt; index += 1) state[index] = scratch[source[index] as number] as number
}
