import type {
  AnyMachineSnapshot,
  AnyStateMachine,
  ContextFrom,
  EventFromLogic,
  EventObject,
  InputFrom,
  SnapshotFrom,
  SnapshotStatus,
  StateValue,
} from 'xstate'
import { fast } from './fast-machine.js'
import { FoldError } from './fold-error.js'
import { refuseUnfoldable } from './foldable.js'
import type { Step, TimerEvent } from './step.js'
import { StepRecorder } from './step-recorder.js'

/** A snapshot reduced to plain data. */
export interface PackedSnapshot<TMachine extends AnyStateMachine> {
  readonly value: StateValue
  readonly context: ContextFrom<TMachine>
  readonly status: SnapshotStatus
  readonly output?: unknown
}

/** Moves any number of charts of one machine without an actor each; it keeps nothing between two calls. */
export interface Stepper<TMachine extends AnyStateMachine> {
  /** The first step of a chart. @throws FoldError where the chart throws */
  initial(input: InputFrom<TMachine>): Step<TMachine>
  /**
   * The step of one event. A chart that has ended takes no event.
   * @throws FoldError where the chart throws; the given snapshot is as good as before (K38)
   */
  step(snapshot: SnapshotFrom<TMachine>, event: EventFromLogic<TMachine> | TimerEvent): Step<TMachine>
  /** What is to be kept of a chart at rest. */
  pack(snapshot: SnapshotFrom<TMachine>): PackedSnapshot<TMachine>
  /** The snapshot again. @throws where the machine has no such state */
  unpack(packed: PackedSnapshot<TMachine>): SnapshotFrom<TMachine>
}

/**
 * A stepper for a machine that is folded from a log. Effects and timers come out as data; no timer ever runs.
 * @throws where the machine has what a fold cannot do: children, history, inline effects, unnamed timers
 */
export function createStepper<TMachine extends AnyStateMachine>(machine: TMachine): Stepper<TMachine> {
  refuseUnfoldable(machine)
  const chart = fast(machine)
  const recorder = new StepRecorder(machine.id)
  const attempt = (cause: string, move: () => AnyMachineSnapshot): AnyMachineSnapshot => {
    recorder.clear()
    try {
      const snapshot = move()
      if (snapshot.status === 'error') throw snapshot.error
      return snapshot
    } catch (error) {
      throw new FoldError(machine.id, cause, error)
    }
  }
  return {
    initial: (input) =>
      recorder.take<TMachine>(
        attempt('xstate.init', () => chart.getInitialSnapshot(recorder.scope, input)),
        true,
      ),
    step: (snapshot, event) => {
      const before: AnyMachineSnapshot = snapshot
      const cause: EventObject = event
      if (before.status !== 'active') return recorder.nothing(snapshot)
      const after = attempt(cause.type, () => chart.transition(before, cause, recorder.scope))
      return recorder.take<TMachine>(after, after !== before)
    },
    pack: (snapshot) => {
      const { value, context, status, output }: AnyMachineSnapshot = snapshot
      return output === undefined ? { value, context, status } : { value, context, status, output }
    },
    unpack: (packed) => chart.resolveState(packed) as SnapshotFrom<TMachine>,
  }
}
