import type {
  AnyActorScope,
  AnyMachineSnapshot,
  AnyStateMachine,
  EventObject,
  ExecutableActionObject,
  SnapshotFrom,
} from 'xstate'
import type { ArmedTimer, Step } from './step.js'

const none: readonly never[] = Object.freeze([])

/** Collects what the interpreter hands out during one step. One scope serves all steps. */
export class StepRecorder {
  readonly scope: AnyActorScope
  #effects: unknown[] | undefined
  #armed: ArmedTimer[] | undefined
  #cancelled: string[] | undefined

  constructor(id: string) {
    const refuse = (): never => {
      throw new Error('A folded chart has no actor: it sends, emits and starts nothing by itself')
    }
    const self = { id, sessionId: id, send: refuse }
    const scope = {
      self,
      id,
      sessionId: id,
      logger: refuse,
      defer: refuse,
      emit: refuse,
      stopChild: refuse,
      system: { _sendInspectionEvent: () => undefined },
      actionExecutor: (action: ExecutableActionObject) => this.#record(action),
    }
    this.scope = scope as unknown as AnyActorScope
  }

  clear(): void {
    this.#effects = undefined
    this.#armed = undefined
    this.#cancelled = undefined
  }

  take<TMachine extends AnyStateMachine>(snapshot: AnyMachineSnapshot, changed: boolean): Step<TMachine> {
    const step = {
      snapshot,
      effects: this.#effects ?? none,
      armed: this.#armed ?? none,
      cancelled: this.#cancelled ?? none,
      changed,
    }
    return step as unknown as Step<TMachine>
  }

  nothing<TMachine extends AnyStateMachine>(snapshot: SnapshotFrom<TMachine>): Step<TMachine> {
    return { snapshot, effects: none, armed: none, cancelled: none, changed: false }
  }

  #record({ type, params }: ExecutableActionObject): void {
    if (type === 'xstate.raise') this.#arm(params as { id: string; event: EventObject; delay?: number })
    else if (type === 'xstate.cancel') this.#cancel((params as { sendId: string }).sendId)
    else this.#effects = append(this.#effects, { type, params })
  }

  #arm({ id, event, delay }: { id: string; event: EventObject; delay?: number }): void {
    // An undelayed raise has been processed within the step.
    if (delay === undefined) return
    const others = this.#armed?.filter((timer) => timer.id !== id)
    this.#armed = append(others, { id, event, delayMs: delay })
  }

  #cancel(id: string): void {
    this.#armed = this.#armed?.filter((timer) => timer.id !== id)
    this.#cancelled = append(this.#cancelled, id)
  }
}

function append<TItem>(list: TItem[] | undefined, item: TItem): TItem[] {
  if (list === undefined) return [item]
  list.push(item)
  return list
}
