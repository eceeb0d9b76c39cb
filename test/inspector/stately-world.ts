import { type StatelyBridge, type StatelyBridgeOptions, startStatelyBridge } from '@covey/inspector'
import { createWebSocketReceiver, type StatelyInspectionEvent } from '@statelyai/inspect'
import { InspectedWorld } from './inspected-world.js'

/** What Stately's own receiver has heard. */
export class HeardByStately {
  readonly all: StatelyInspectionEvent[] = []

  constructor(server: string) {
    createWebSocketReceiver({ server }).subscribe((event) => this.all.push(event))
  }

  of<Type extends StatelyInspectionEvent['type']>(type: Type) {
    return this.all.filter(
      (event): event is Extract<StatelyInspectionEvent, { type: Type }> => event.type === type,
    )
  }

  /** The state that each actor was last told to be in. */
  get states(): Map<string, string> {
    return new Map(
      this.all.flatMap((event) =>
        event.type === '@xstate.event'
          ? []
          : [[event.sessionId, String((event.snapshot as { value?: unknown }).value)] as const],
      ),
    )
  }
}

/** What a bridge is started with; contexts are asked for unless a test says otherwise. */
interface BridgeInWorld extends Partial<StatelyBridgeOptions> {
  readonly asksContexts?: boolean
}

/** A cluster in virtual time, with bridges to Stately's inspector on real ports of loopback. */
export class StatelyWorld extends InspectedWorld {
  readonly #bridges: StatelyBridge[] = []

  async bridge({ asksContexts = true, ...options }: BridgeInWorld = {}): Promise<StatelyBridge> {
    const { client, links } = await this.connect()
    const bridge = await startStatelyBridge({
      ...{ client, clock: this.clock, wallNow: () => this.clock.now() },
      ...(asksContexts ? { links } : {}),
      ...options,
    })
    this.#bridges.push(bridge)
    return bridge
  }

  override async close(): Promise<void> {
    await Promise.all(this.#bridges.map((bridge) => bridge.close()))
    await super.close()
  }
}
