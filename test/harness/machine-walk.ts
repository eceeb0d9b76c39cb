import { createActorSystem, HeapClock, unboundEffects } from '@covey/engine'
import type { AnyMachineSnapshot, AnyStateMachine, EventFromLogic, InputFrom, SnapshotFrom } from 'xstate'

/** An effect that a machine asked for. */
export interface AskedEffect {
  readonly type: string
  readonly params: unknown
}

/** A machine that is walked by hand under virtual time; its effects are only written down. */
export class MachineWalk<Machine extends AnyStateMachine> {
  readonly clock = new HeapClock()
  readonly effects: AskedEffect[] = []
  readonly #actor

  constructor(machine: Machine, input: InputFrom<Machine>) {
    const recorded = unboundEffects(machine, machine).map((type) => [
      type,
      (_: unknown, params: unknown) => this.effects.push({ type, params }),
    ])
    const bound = machine.provide({ actions: Object.fromEntries(recorded) }) as Machine
    const system = createActorSystem({ node: 'walk', clock: this.clock })
    this.#actor = system.spawn(bound, { id: machine.id, input })
  }

  get snapshot(): SnapshotFrom<Machine> {
    return this.#actor.getSnapshot() as SnapshotFrom<Machine>
  }

  get state(): string {
    return String((this.#actor.getSnapshot() as AnyMachineSnapshot).value)
  }

  /** Sends events one after another and answers the names of the effects that they asked for. */
  send(...events: EventFromLogic<Machine>[]): string[] {
    const before = this.effects.length
    for (const event of events) this.#actor.send(event as never)
    return this.effects.slice(before).map(({ type }) => type)
  }

  /** Moves the time on and answers the names of the effects that fell due. */
  wait(durationMs: number): string[] {
    const before = this.effects.length
    this.clock.advance(durationMs)
    return this.effects.slice(before).map(({ type }) => type)
  }

  /** The parameters of the last effect of a name. */
  last(type: string): unknown {
    return this.effects.findLast((effect) => effect.type === type)?.params
  }
}
