import type { AnyStateMachine } from 'xstate'
import { isBuiltinAction } from './xstate-internals.js'

/**
 * Names of the effects that `provide()` left as they were declared, without behaviour: xstate would run the
 * empty stub and say nothing.
 */
export const unboundEffects = (declared: AnyStateMachine, provided: AnyStateMachine): string[] =>
  Object.entries(declared.implementations.actions)
    .filter(([name, stub]) => !isBuiltinAction(stub) && provided.implementations.actions[name] === stub)
    .map(([name]) => name)
