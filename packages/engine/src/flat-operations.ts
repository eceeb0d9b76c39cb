import type {
  AnyActorScope,
  AnyMachineSnapshot,
  AnyStateMachine,
  EventObject,
  ExecutableActionObject,
  UnknownAction,
} from 'xstate'
import { contextMerge } from './context-merge.js'
import { implementationOf, nameOf } from './machine-parts.js'
import {
  type ActionArguments,
  type Assignment,
  type BuiltinAction,
  isBuiltinAction,
  isBuiltinGuard,
} from './xstate-internals.js'

export type Context = AnyMachineSnapshot['context']

/** A guard, ready to be asked. */
export type FlatGuard = (snapshot: AnyMachineSnapshot, event: EventObject) => boolean

/** Runs one action: hands an effect to the executor of the scope, or answers the context it assigned. */
export type Operation = (
  context: Context,
  event: EventObject,
  scope: AnyActorScope,
  snapshot: AnyMachineSnapshot,
) => Context

type Parameters = (context: Context, event: EventObject) => unknown
type Predicate = (args: { context: Context; event: EventObject }, params: unknown) => boolean

const passes: FlatGuard = () => true

/** The built-in actions whose resolution needs nothing but the machine, the context and the event. */
const selfContained = new Set(['xstate.raise', 'xstate.cancel', 'xstate.emit', 'xstate.log'])

/** Makes a guard askable, or answers undefined where only the stock interpreter can. */
export function compileGuard(machine: AnyStateMachine, guard: unknown): FlatGuard | undefined {
  if (guard === undefined) return passes
  const name = nameOf(guard)
  const predicate: unknown = name === undefined ? guard : machine.implementations.guards[name]
  if (isBuiltinGuard(predicate)) {
    return (snapshot, event) => predicate.check(snapshot, { context: snapshot.context, event }, predicate)
  }
  if (typeof predicate !== 'function') return undefined
  const params = parametersOf(guard)
  return (snapshot, event) =>
    (predicate as Predicate)({ context: snapshot.context, event }, params?.(snapshot.context, event))
}

/** Makes a list of actions runnable, or answers undefined where one of them needs the stock interpreter. */
export function compileOperations(
  machine: AnyStateMachine,
  actions: readonly UnknownAction[],
): readonly Operation[] | undefined {
  const operations: Operation[] = []
  for (const action of actions) {
    const operation = compileOperation(machine, action)
    if (operation === undefined) return undefined
    operations.push(operation)
  }
  return operations
}

function compileOperation(machine: AnyStateMachine, action: unknown): Operation | undefined {
  const implementation = implementationOf(machine, action)
  const params = parametersOf(action)
  if (!isBuiltinAction(implementation)) {
    const name = nameOf(action)
    return name === undefined ? effect(inlineName(action), () => action, params) : named(name, params)
  }
  if (implementation.type === 'xstate.assign') return assignment(implementation, params)
  if (!selfContained.has(implementation.type)) return undefined
  if (implementation.type === 'xstate.raise' && !isDelayed(machine, implementation)) return undefined
  return builtin(implementation, params)
}

/** An undelayed raise, or one whose delay has no such name, is processed within the step: left to stock. */
function isDelayed(machine: AnyStateMachine, { delay }: BuiltinAction): boolean {
  return typeof delay === 'string' ? machine.implementations.delays[delay] !== undefined : delay !== undefined
}

/** What stock calls an effect that is written inline. */
const inlineName = (action: unknown): string => (typeof action === 'function' && action.name) || '(anonymous)'

function parametersOf(named: unknown): Parameters | undefined {
  if (typeof named !== 'object' || named === null || !('params' in named)) return undefined
  const { params } = named
  return typeof params === 'function' ? (context, event) => params({ context, event }) : () => params
}

/** Bindings share their table: what an effect does is read off the machine that takes the step. */
const named = (name: string, params: Parameters | undefined): Operation =>
  effect(name, ({ implementations }) => implementations.actions[name], params)

function effect(
  type: string,
  execOf: (machine: AnyStateMachine) => unknown,
  params: Parameters | undefined,
): Operation {
  return (context, event, scope, { machine }) => {
    const info = { context, event, self: scope.self, system: scope.system }
    const action = { type, info, params: params?.(context, event), exec: execOf(machine) }
    scope.actionExecutor(action as unknown as ExecutableActionObject)
    return context
  }
}

function assignment(action: BuiltinAction, params: Parameters | undefined): Operation {
  const update = typeof action.assignment === 'function' ? action.assignment : byKey(action.assignment ?? {})
  const merge = contextMerge()
  return (context, event, scope) => {
    const args = { context, event, self: scope.self, system: scope.system, spawn: refuseSpawn }
    return merge(context, update(args, params?.(context, event)))
  }
}

function byKey(properties: Readonly<Record<string, unknown>>): Assignment {
  const entries = Object.entries(properties)
  return (args, params) => {
    const update: Record<string, unknown> = {}
    for (const [key, value] of entries)
      update[key] = typeof value === 'function' ? value(args, params) : value
    return update
  }
}

function builtin(action: BuiltinAction, params: Parameters | undefined): Operation {
  return (context, event, scope, snapshot) => {
    const info: ActionArguments = { context, event, self: scope.self, system: scope.system }
    const [, resolved] = action.resolve(scope, snapshot, info, params?.(context, event), action, refusedQueue)
    const exec = action.execute?.bind(null, scope, resolved)
    scope.actionExecutor({
      type: action.type,
      info,
      params: resolved,
      exec,
    } as unknown as ExecutableActionObject)
    return context
  }
}

/** Stands for `spawn` where the stock interpreter would offer it. */
export const refuseSpawn = (): never => {
  throw new Error('A chart under fast() spawns no children: an assign or the context asked for spawn()')
}

/** Where a named delay answers no number, stock raises at once; here it is the error it is. */
const refusedQueue = {
  internalQueue: {
    push(event: EventObject): never {
      throw new Error(`The delay of ${event.type} is not a number`)
    },
  },
}
