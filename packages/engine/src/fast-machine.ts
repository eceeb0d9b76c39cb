import type { AnyActorScope, AnyMachineSnapshot, AnyStateMachine, EventObject } from 'xstate'
import { resolve, start, step } from './flat-step.js'
import { compileFlat, type FlatTable } from './flat-table.js'
import { isBuiltinAction, withImplementations } from './xstate-internals.js'

/** How many steps went through the table and how many through the stock interpreter. */
export interface FastStats {
  fast: number
  slow: number
}

/**
 * The same machine with a table in place of the stock interpreter, some twenty times faster where the chart is
 * flat (its states side by side) and plain: named or inline actions and guards, `assign`, `after`, `cancel`,
 * final states. Whatever else a step meets is left to stock, so the meaning is the same, which the equivalence
 * tests check over random walks. Four differences are deliberate: `assign` has no `spawn`, a named delay that
 * answers no number is an error, no `@xstate.microstep` is sent to inspectors, and an `assign` need not carry fields
 * named by symbols on (ADR 82).
 *
 * The machine given stays as it is. Bind effects first: `provide()` on the answer gives a stock machine again.
 */
export function fast<TMachine extends AnyStateMachine>(machine: TMachine, stats?: FastStats): TMachine {
  const copy = machine.provide({}) as TMachine
  const table = compileFlat(copy)
  return table === undefined ? machine : quicken(copy, table, stats)
}

/** What was compiled of machines whose effects were not bound yet; undefined where the stock interpreter is needed. */
const compiled = new WeakMap<AnyStateMachine, FlatTable | undefined>()

function tableOf(machine: AnyStateMachine): FlatTable | undefined {
  if (!compiled.has(machine)) compiled.set(machine, compileFlat(machine))
  return compiled.get(machine)
}

type Actions<TMachine extends AnyStateMachine> = NonNullable<Parameters<TMachine['provide']>[0]['actions']>

/**
 * What `fast(machine.provide({ actions }))` is, for a machine that is bound many times in one process: its states and
 * its table are made once and shared, so that one more binding costs next to nothing.
 */
export function fastBound<TMachine extends AnyStateMachine>(
  machine: TMachine,
  actions: Actions<TMachine>,
): TMachine {
  const table = tableOf(machine)
  const known: Readonly<Record<string, unknown>> = machine.implementations.actions
  const areEffects = Object.entries(actions).every(
    ([name, action]) => !isBuiltinAction(action) && !isBuiltinAction(known[name]),
  )
  // An assign in place of another one would need a table of its own.
  if (table === undefined || !areEffects) return fast(machine.provide({ actions }) as TMachine)
  const copy = withImplementations(machine, {
    ...machine.implementations,
    actions: { ...known, ...actions },
  } as TMachine['implementations'])
  const sample = { ...table.sample, machine: copy } as AnyMachineSnapshot
  return quicken(copy, { ...table, sample })
}

/** Puts the table in place of the interpreter. */
function quicken<TMachine extends AnyStateMachine>(
  copy: TMachine,
  table: FlatTable,
  stats?: FastStats,
): TMachine {
  const stock = {
    transition: copy.transition,
    getInitialSnapshot: copy.getInitialSnapshot,
    resolveState: copy.resolveState.bind(copy),
  }
  const transition = (
    snapshot: AnyMachineSnapshot,
    event: EventObject,
    scope: AnyActorScope,
  ): AnyMachineSnapshot => {
    const next = step(table, snapshot, event, scope)
    if (stats !== undefined) stats[next === undefined ? 'slow' : 'fast'] += 1
    return next ?? stock.transition(snapshot, event, scope)
  }
  const getInitialSnapshot = (scope: AnyActorScope, input?: unknown): AnyMachineSnapshot =>
    start(table, scope, input) ?? stock.getInitialSnapshot(scope, input)
  const resolveState: typeof copy.resolveState = (config) =>
    resolve(table, config) ?? stock.resolveState(config)
  return Object.assign(copy, { transition, getInitialSnapshot, resolveState })
}
