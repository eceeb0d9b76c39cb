import type {
  AnyMachineSnapshot,
  AnyStateMachine,
  AnyStateNode,
  EventObject,
  TransitionDefinition,
} from 'xstate'
import { compileGuard, compileOperations, type FlatGuard, type Operation } from './flat-operations.js'

/** A state of a flat chart with all that a snapshot in it needs, made once. */
export interface Leaf {
  readonly node: AnyStateNode
  readonly nodes: AnyStateNode[]
  readonly tags: Set<string>
  /**
   * What each declared event does here, in order of candidates; null where only the stock interpreter knows.
   * An event without rows does nothing here, unless the leaf is `opaque`.
   */
  readonly rows: Map<string, readonly Row[] | null>
  /** The state has wildcards or `always`: no event may be taken for undeclared. */
  readonly opaque: boolean
}

/** One candidate transition, compiled. */
export interface Row {
  readonly guard: FlatGuard
  /** Where the machine is afterwards. */
  readonly next: Leaf
  /** Exit, transition and entry actions in the order of their running. */
  readonly operations: readonly Operation[]
  /** Where the target is final: the exit actions that end the machine, after its output was taken. */
  readonly closing: readonly Operation[] | undefined
}

/** How a machine starts, compiled. */
interface Birth {
  readonly leaf: Leaf
  readonly operations: readonly Operation[]
}

/** A flat chart as tables. */
export interface FlatTable {
  readonly machine: AnyStateMachine
  readonly leaves: ReadonlyMap<AnyStateNode, Leaf>
  readonly leafByKey: ReadonlyMap<string, Leaf>
  /** Undefined where the start is left to the stock interpreter. */
  readonly birth: Birth | undefined
  /** A snapshot of the machine, for the methods every snapshot carries. */
  readonly sample: AnyMachineSnapshot
}

type Transition = TransitionDefinition<AnyMachineSnapshot['context'], EventObject>

const isPlain = (node: AnyStateNode): boolean => (node.always?.length ?? 0) === 0 && node.invoke.length === 0

/** Compiles a machine whose states all lie side by side below the root; any other answers undefined. */
export function compileFlat(machine: AnyStateMachine): FlatTable | undefined {
  const { root } = machine
  const nodes: AnyStateNode[] = Object.values(root.states)
  const isFlat =
    root.type === 'compound' && nodes.every((node) => node.type === 'atomic' || node.type === 'final')
  if (!isFlat || !isPlain(root)) return undefined
  const leaves = new Map(nodes.map((node) => [node, leafOf(root, node)]))
  for (const leaf of leaves.values()) {
    for (const type of new Set([...leaf.node.transitions.keys(), ...root.transitions.keys()])) {
      leaf.rows.set(type, compileRows(machine, leaves, leaf, type))
    }
  }
  return {
    machine,
    leaves,
    leafByKey: new Map([...leaves.values()].map((leaf) => [leaf.node.key, leaf])),
    birth: compileBirth(machine, leaves),
    sample: machine.resolveState({ value: root.initial.target?.[0]?.key ?? '', context: {} }),
  }
}

function leafOf(root: AnyStateNode, node: AnyStateNode): Leaf {
  const descriptors = [...node.transitions.keys(), ...root.transitions.keys()]
  return {
    node,
    nodes: [root, node],
    tags: new Set([...root.tags, ...node.tags]),
    rows: new Map(),
    opaque: (node.always?.length ?? 0) > 0 || descriptors.some((descriptor) => descriptor.includes('*')),
  }
}

function compileRows(
  machine: AnyStateMachine,
  leaves: ReadonlyMap<AnyStateNode, Leaf>,
  leaf: Leaf,
  type: string,
): readonly Row[] | null {
  // Done and error events of children have a meaning of their own beside their transitions.
  if (leaf.opaque || (type.startsWith('xstate.') && !type.startsWith('xstate.after.'))) return null
  const own: Transition[] = leaf.node.transitions.get(type) ?? []
  const rooted: Transition[] = machine.root.transitions.get(type) ?? []
  const rows: Row[] = []
  for (const transition of [...own, ...rooted]) {
    const row = compileRow(machine, leaves, leaf, transition)
    if (row === undefined) return null
    rows.push(row)
  }
  return rows
}

function compileRow(
  machine: AnyStateMachine,
  leaves: ReadonlyMap<AnyStateNode, Leaf>,
  leaf: Leaf,
  transition: Transition,
): Row | undefined {
  const { root } = machine
  const guard = compileGuard(machine, transition.guard)
  const target = entered(root, leaves, leaf, transition)
  if (guard === undefined || target === null) return undefined
  const exit = target === undefined ? [] : leaf.node.exit
  const operations = compileOperations(machine, [
    ...exit,
    ...transition.actions,
    ...(target?.node.entry ?? []),
  ])
  if (operations === undefined) return undefined
  if (target?.node.type !== 'final') return { guard, next: target ?? leaf, operations, closing: undefined }
  const closing = compileOperations(machine, [...target.node.exit, ...root.exit])
  return closing === undefined ? undefined : { guard, next: target, operations, closing }
}

/** The state a transition enters; undefined where it leaves none, null where only the stock interpreter knows. */
function entered(
  root: AnyStateNode,
  leaves: ReadonlyMap<AnyStateNode, Leaf>,
  leaf: Leaf,
  { target: targets, source, reenter }: Transition,
): Leaf | undefined | null {
  const [first, ...others] = targets ?? []
  if (first === undefined) return undefined
  const target = leaves.get(first)
  const fromRoot = source === root
  if (target === undefined || others.length > 0 || (fromRoot && reenter)) return null
  // A transition of the root leaves and enters the active state even where it is the same one.
  if (target === leaf && !reenter && !fromRoot) return undefined
  return isPlain(leaf.node) && isPlain(target.node) ? target : null
}

function compileBirth(machine: AnyStateMachine, leaves: ReadonlyMap<AnyStateNode, Leaf>): Birth | undefined {
  const { root } = machine
  const { target, actions } = root.initial
  const leaf = target?.[0] === undefined ? undefined : leaves.get(target[0])
  if (leaf === undefined || leaf.node.type === 'final' || !isPlain(leaf.node)) return undefined
  const operations = compileOperations(machine, [...root.entry, ...actions, ...leaf.node.entry])
  return operations === undefined ? undefined : { leaf, operations }
}
