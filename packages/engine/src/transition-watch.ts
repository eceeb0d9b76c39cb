import type { TransitionTap } from './actor-system-contract.js'
import type { AddressedActor } from './addressed-actor.js'
import type { EngineClock } from './engine-clock.js'
import { stateText, visibleState } from './state-text.js'

const endEvents: Readonly<Record<string, string>> = { done: 'xstate.done', error: 'xstate.error' }

const hears = (tap: TransitionTap | undefined, { kind }: AddressedActor): boolean =>
  tap !== undefined && (tap.kinds === undefined || tap.kinds.has(kind))

/** Turns the snapshots of addressed actors into the transitions a tap sees. Without a tap it does nothing. */
export class TransitionWatch {
  readonly #clock: EngineClock
  #tap: TransitionTap | undefined

  constructor(clock: EngineClock, tap: TransitionTap | undefined) {
    this.#clock = clock
    this.#tap = tap
  }

  get tap(): TransitionTap | undefined {
    return this.#tap
  }

  /**
   * Sets the tap. What nobody watches is not followed: charts that the last tap did not name start from what is true
   * now.
   */
  begin(tap: TransitionTap | undefined, actors: Iterable<AddressedActor>): void {
    const before = this.#tap
    this.#tap = tap
    if (tap === undefined) return
    const nowMs = this.#clock.now()
    for (const actor of actors) {
      if (hears(before, actor)) continue
      actor.shownState = visibleState(actor)
      actor.shownSinceMs = nowMs
    }
  }

  /** Tells of the actor's state if it is not the one told last. */
  show(actor: AddressedActor, event: string): void {
    if (!hears(this.#tap, actor)) return
    const state = visibleState(actor)
    if (state === actor.shownState) return
    const from = actor.shownState === undefined ? '' : stateText(actor.shownState)
    actor.shownState = state
    const to = stateText(state)
    if (from !== to) this.#tell(actor, from, event, to)
  }

  /** Tells of the actor's last state, which `event` led to, and of its end. */
  end(actor: AddressedActor, event: string, status: string): void {
    if (!hears(this.#tap, actor)) return
    this.show(actor, event)
    const from = actor.shownState === undefined ? '' : stateText(actor.shownState)
    this.#tell(actor, from, endEvents[status] ?? 'xstate.stop', '')
  }

  #tell(actor: AddressedActor, from: string, event: string, to: string): void {
    const nowMs = this.#clock.now()
    const elapsedMs = nowMs - actor.shownSinceMs
    actor.shownSinceMs = nowMs
    this.#tap?.({ actor: actor.id, kind: actor.kind, from, event, to, elapsedMs })
  }
}
