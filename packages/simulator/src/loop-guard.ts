import { type Pulse, standsStillMsMax } from '@covey/transport'
import type { ProcessPart } from './process-parts.js'
import type { SimulatedClock } from './simulated-clock.js'
import type { SimulatedNode } from './simulated-node.js'

/** The thread of a process that ends it where its event loop stands still past the lease of exclusive work (K28). */
class LoopGuard implements ProcessPart {
  readonly clock: SimulatedClock
  readonly #node: SimulatedNode
  readonly #leases: ReadonlySet<() => readonly number[]>
  readonly #held: () => number
  #overdue: unknown

  constructor(node: SimulatedNode, { leases, held }: GuardedPulse) {
    this.clock = node.clock.another()
    this.#node = node
    this.#leases = leases
    this.#held = held
  }

  stall(): void {
    const left = [...this.#leases].flatMap((leasesLeftMs) => leasesLeftMs())
    if (left.length === 0) return
    const endInMs = Math.min(...left.map(standsStillMsMax))
    this.#overdue = this.clock.setTimeout(() => {
      if (this.#held() > 0) this.#node.kill()
    }, endInMs)
  }

  freeze(): void {
    this.clock.freeze()
  }

  suspend(): void {
    this.clock.suspend()
  }

  thaw(): void {
    this.clock.clearTimeout(this.#overdue)
    this.clock.thaw()
  }

  orphan(): void {
    this.clock.kill()
  }

  kill(): void {
    this.clock.kill()
  }
}

/** What a worker has said of its leases to what stands beside its loop. */
interface GuardedPulse {
  readonly leases: ReadonlySet<() => readonly number[]>
  readonly held: () => number
}

/** Lets the thread stand beside the loop of a process. */
export const guardLoop = (node: SimulatedNode, pulse: GuardedPulse): void =>
  node.parts.add(new LoopGuard(node, pulse))

/** Looks at what a worker says of its leases, and changes nothing. */
export function observePulse(pulse: Pulse): GuardedPulse {
  const leases = new Set<() => readonly number[]>()
  let held = 0
  const guard = pulse.guard.bind(pulse)
  pulse.guard = (leasesLeftMs) => {
    leases.add(leasesLeftMs)
    const { moved, stop } = guard(leasesLeftMs)
    return {
      moved,
      stop: () => {
        leases.delete(leasesLeftMs)
        stop()
      },
    }
  }
  const holds = pulse.holds.bind(pulse)
  pulse.holds = (pieces) => {
    held = pieces
    holds(pieces)
  }
  return { leases, held: () => held }
}
