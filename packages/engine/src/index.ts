export { createActorSystem } from './actor-system.js'
export type {
  ActorFailure,
  ActorSystem,
  ActorSystemOptions,
  ActorTransition,
  DeadLetter,
  RestoreOptions,
  SpawnOptions,
  TransitionTap,
} from './actor-system-contract.js'
export type { AddressedActor, Supervision } from './addressed-actor.js'
export { ChurnMap } from './churn-map.js'
export type { EngineClock } from './engine-clock.js'
export { defaultEngineLimits, type EngineLimits } from './engine-limits.js'
export { type FastStats, fast, fastBound } from './fast-machine.js'
export { FoldError } from './fold-error.js'
export { HeapClock } from './heap-clock.js'
export {
  describeMachine,
  type EdgeDescription,
  type MachineDescription,
  type StateDescription,
} from './machine-description.js'
export { type LintProblem, lintMachine } from './machine-lint.js'
export type { PendingTimer } from './own-timers.js'
export { reachableStates } from './reachable-states.js'
export { stateText } from './state-text.js'
export type { ArmedTimer, EffectFrom, Step, TimerEvent } from './step.js'
export { createStepper, type PackedSnapshot, type Stepper } from './stepper.js'
export { TransitionWatch } from './transition-watch.js'
export { unboundEffects } from './unbound-effects.js'
