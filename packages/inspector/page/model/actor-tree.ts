import type { ActorRow } from '../../src/page-protocol.js'
import { filterWords, hasWords } from './words.js'

/** A kind of more actors than this is closed until somebody opens it or filters. */
export const openKindMax = 60

/** One line of the tree. */
export type TreeRow =
  | {
      readonly type: 'group'
      readonly id: string
      readonly level: 1 | 2
      readonly label: string
      readonly count: number
      readonly open: boolean
      /** How many of its actors are in which state, most first; only of kinds. */
      readonly states: readonly (readonly [string, number])[]
    }
  | { readonly type: 'actor'; readonly id: string; readonly level: 3; readonly row: ActorRow }

/** What a reader has opened or closed by hand, by the id of the group. */
export type Openness = ReadonlyMap<string, boolean>

/** The branch an actor is in: a generation of a node, or a shard. */
function branchOf({ key, node, generation }: ActorRow): {
  readonly id: string
  readonly label: string
} {
  const [first = ''] = key.split('/', 1)
  return first.startsWith('shard.')
    ? { id: first, label: first.replace('.', ' ') }
    : { id: `${node}/${generation}`, label: `${node} · ${generation}` }
}

/** Whether every word of the filter is in the key, the kind or the state. */
const matches = ({ key, kind, state }: ActorRow, words: readonly string[]): boolean =>
  hasWords(`${key} ${kind} ${state}`, words)

interface Branch {
  readonly id: string
  readonly label: string
  count: number
  readonly kinds: Map<string, ActorRow[]>
}

function collect(
  actors: ReadonlyMap<string, ActorRow>,
  keys: readonly string[],
  words: readonly string[],
): Branch[] {
  const branches = new Map<string, Branch>()
  for (const key of keys) {
    const row = actors.get(key)
    if (row === undefined || !matches(row, words)) continue
    const { id, label } = branchOf(row)
    const branch = branches.get(id) ?? { id, label, count: 0, kinds: new Map<string, ActorRow[]>() }
    branches.set(id, branch)
    branch.count += 1
    const rows = branch.kinds.get(row.kind)
    if (rows === undefined) branch.kinds.set(row.kind, [row])
    else rows.push(row)
  }
  return [...branches.values()]
}

function countStates(rows: readonly ActorRow[]): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>()
  for (const { state } of rows) counts.set(state, (counts.get(state) ?? 0) + 1)
  return [...counts].sort(([, one], [, other]) => other - one)
}

/** The tree as the lines that are open, in the order of `keys`; a filter opens what it finds. */
export function treeRows(
  actors: ReadonlyMap<string, ActorRow>,
  keys: readonly string[],
  filter: string,
  openness: Openness,
): readonly TreeRow[] {
  const words = filterWords(filter)
  return collect(actors, keys, words).flatMap(({ id, label, count, kinds }) => {
    const open = openness.get(id) ?? true
    const group: TreeRow = { type: 'group', id, level: 1, label, count, open, states: [] }
    return open
      ? [group, ...[...kinds].flatMap(([kind, rows]) => kindRows(id, kind, rows, { words, openness }))]
      : [group]
  })
}

function kindRows(
  branch: string,
  kind: string,
  rows: readonly ActorRow[],
  { words, openness }: { readonly words: readonly string[]; readonly openness: Openness },
): readonly TreeRow[] {
  const id = `${branch} ${kind}`
  const open = openness.get(id) ?? (words.length > 0 || rows.length <= openKindMax)
  const group: TreeRow = {
    type: 'group',
    id,
    level: 2,
    label: kind,
    count: rows.length,
    open,
    states: countStates(rows),
  }
  return open
    ? [group, ...rows.map((row): TreeRow => ({ type: 'actor', id: row.key, level: 3, row }))]
    : [group]
}

/** Where the row stands that holds the actor, or the next best. */
export const indexOfRow = (rows: readonly TreeRow[], id: string | undefined): number =>
  rows.findIndex((row) => row.id === id)
