import type {
  AnyActorScope,
  AnyMachineSnapshot,
  AnyStateMachine,
  EventObject,
  ExecutableActionObject,
} from 'xstate'

/** A machine stepped without an actor, with all that it hands to the executor. */
export class Walker {
  readonly machine: AnyStateMachine
  readonly #actions: ExecutableActionObject[] = []
  readonly #scope: AnyActorScope
  #snapshot: AnyMachineSnapshot

  constructor(machine: AnyStateMachine, input: unknown) {
    this.machine = machine
    this.#scope = {
      self: { id: 'walker' },
      system: { _sendInspectionEvent: () => {} },
      actionExecutor: (action: ExecutableActionObject) => this.#actions.push(action),
    } as unknown as AnyActorScope
    this.#snapshot = machine.getInitialSnapshot(this.#scope, input)
  }

  get snapshot(): AnyMachineSnapshot {
    return this.#snapshot
  }

  take(event: EventObject): void {
    this.#snapshot = this.machine.transition(this.#snapshot, event, this.#scope)
  }

  /** The named effects asked for since the last report, which are then forgotten. */
  effects(): { type: string; params: unknown }[] {
    const asked = this.#actions.splice(0).filter(({ type }) => !type.startsWith('xstate.'))
    return asked.map(({ type, params }) => ({ type, params }))
  }

  /** All that can be told from outside about where the machine is and what it asked for, which is then forgotten. */
  report(): string {
    const { status, value, context, tags, _nodes, output, error, historyValue } = this.#snapshot
    const nodes = _nodes.map((node) => node.id).sort()
    const asked = this.#actions
      .splice(0)
      .map(({ type, params, info }) => [type, params, info.context, info.event])
    return JSON.stringify([
      status,
      value,
      context,
      [...tags],
      nodes,
      output,
      String(error),
      Object.keys(historyValue),
      asked,
    ])
  }
}

/** Takes the event and answers the report, or the words of the error. */
export function outcomeOf(walker: Walker, event: EventObject): string {
  try {
    walker.take(event)
    return walker.report()
  } catch (error) {
    return `${(error as Error).message} ${walker.report()}`
  }
}
