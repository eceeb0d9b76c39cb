import type { AnyActorScope, AnyMachineSnapshot, AnyStateMachine, EventObject } from 'xstate'
import { type Context, type Operation, refuseSpawn } from './flat-operations.js'
import type { FlatTable, Leaf, Row } from './flat-table.js'

/** The next snapshot, or undefined where the table does not know the step. */
export function step(
  table: FlatTable,
  snapshot: AnyMachineSnapshot,
  event: EventObject,
  scope: AnyActorScope,
): AnyMachineSnapshot | undefined {
  const active = snapshot._nodes[1]
  const leaf = active === undefined ? undefined : table.leaves.get(active)
  if (leaf === undefined || snapshot.status !== 'active' || snapshot._nodes.length !== 2) return undefined
  const rows = leaf.rows.get(event.type)
  if (rows === undefined) return leaf.opaque || isSpecial(event.type) ? undefined : snapshot
  if (rows === null) return undefined
  const row = select(rows, snapshot, event)
  if (row === null) return snapshot
  // A machine that ends stops its children, which the table knows nothing of.
  if (row === undefined || (row.closing !== undefined && hasKeys(snapshot.children))) return undefined
  return take(table.machine, row, snapshot, event, scope)
}

function take(
  machine: AnyStateMachine,
  row: Row,
  snapshot: AnyMachineSnapshot,
  event: EventObject,
  scope: AnyActorScope,
): AnyMachineSnapshot {
  const { next, closing } = row
  const context = run(row.operations, snapshot, event, scope)
  if (closing === undefined) {
    const isSame = context === snapshot.context && next.node === snapshot._nodes[1]
    return isSame ? snapshot : inLeaf(snapshot, next, context)
  }
  const output = outputOf(machine, next, context, event, scope)
  const left =
    closing.length === 0
      ? context
      : run(closing, { ...snapshot, context } as AnyMachineSnapshot, event, scope)
  return inLeaf(snapshot, next, left, { status: 'done', output, error: undefined })
}

/** Events that mean something to the interpreter even where no transition waits for them. */
const isSpecial = (type: string): boolean => type.startsWith('xstate.') && !type.startsWith('xstate.after.')

/** The row that applies; null where none does, undefined where a guard threw. */
function select(
  rows: readonly Row[],
  snapshot: AnyMachineSnapshot,
  event: EventObject,
): Row | null | undefined {
  try {
    for (const row of rows) if (row.guard(snapshot, event)) return row
    return null
  } catch {
    // Nothing has happened yet: stock asks the guards again and words the error.
    return undefined
  }
}

function run(
  operations: readonly Operation[],
  snapshot: AnyMachineSnapshot,
  event: EventObject,
  scope: AnyActorScope,
): Context {
  let context: Context = snapshot.context
  for (const operation of operations) context = operation(context, event, scope, snapshot)
  return context
}

/** What a machine answers that ends in a final state; both mappers see the context as entry actions left it. */
function outputOf(
  { root }: AnyStateMachine,
  final: Leaf,
  context: Context,
  event: EventObject,
  { self }: AnyActorScope,
): unknown {
  if (root.output === undefined) return undefined
  const map = (mapper: unknown, cause: EventObject): unknown =>
    typeof mapper === 'function' ? mapper({ context, event: cause, self }) : mapper
  const done = { type: `xstate.done.state.${final.node.id}`, output: map(final.node.output, event) }
  return map(root.output, done)
}

/** The snapshot of a machine that starts, or undefined where the table does not know how. */
export function start(
  table: FlatTable,
  scope: AnyActorScope,
  input: unknown,
): AnyMachineSnapshot | undefined {
  if (table.birth === undefined) return undefined
  const { birth, machine, sample } = table
  const event = { type: 'xstate.init', input }
  const declared: unknown = machine.config.context
  const isFactory = typeof declared === 'function'
  // Until its first state is entered, stock shows the machine in its root with the value it is going to have.
  const rootWith = (context: Context): AnyMachineSnapshot =>
    ({
      ...sample,
      _nodes: [machine.root],
      tags: new Set(machine.root.tags),
      context,
    }) as AnyMachineSnapshot
  let born: AnyMachineSnapshot | undefined
  try {
    born = rootWith(
      isFactory ? { ...declared({ spawn: refuseSpawn, input, self: scope.self }) } : (declared ?? {}),
    )
    return inLeaf(born, birth.leaf, run(birth.operations, born, event, scope))
  } catch (error) {
    // As stock: a machine that fails at its start has a snapshot that says so.
    return { ...(born ?? rootWith({})), status: 'error', error } as AnyMachineSnapshot
  }
}

/** A snapshot from its parts, or undefined where stock has to find the nodes. */
export function resolve(
  table: FlatTable,
  config: Parameters<AnyStateMachine['resolveState']>[0],
): AnyMachineSnapshot | undefined {
  const leaf = typeof config.value === 'string' ? table.leafByKey.get(config.value) : undefined
  if (leaf === undefined || config.historyValue !== undefined) return undefined
  const { output, error, context = {} } = config
  const status = leaf.node.type === 'final' ? 'done' : (config.status ?? 'active')
  return inLeaf(table.sample, leaf, context, { status, output, error })
}

/** How a machine stands beside its state. */
type Standing = Pick<AnyMachineSnapshot, 'status' | 'output' | 'error'>

const active: Standing = { status: 'active', output: undefined, error: undefined }

function inLeaf(
  snapshot: AnyMachineSnapshot,
  leaf: Leaf,
  context: Context,
  { status, output, error }: Standing = active,
): AnyMachineSnapshot {
  return {
    status,
    output,
    error,
    machine: snapshot.machine,
    context,
    _nodes: leaf.nodes,
    value: leaf.node.key,
    tags: leaf.tags,
    children: snapshot.children,
    historyValue: snapshot.historyValue,
    matches: snapshot.matches,
    hasTag: snapshot.hasTag,
    can: snapshot.can,
    getMeta: snapshot.getMeta,
    toJSON: snapshot.toJSON,
  } as AnyMachineSnapshot
}

function hasKeys(children: object): boolean {
  for (const _ in children) return true
  return false
}
