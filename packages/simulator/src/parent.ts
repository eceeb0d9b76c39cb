import { exitedMessage } from '@covey/protocol'
import type { ManagersDoor } from './managers-door.js'
import type { SimulatedNode } from './simulated-node.js'

/** Whoever has started the processes, and sees them exit: it tells a manager, until one has heard it (K49). */
export class Parent {
  readonly #door: ManagersDoor

  constructor(door: ManagersDoor) {
    this.#door = door
  }

  /** Tells of the exit of a process. */
  async tell({ name, pid, membership }: SimulatedNode): Promise<void> {
    const news = { node: name, pid, bootId: membership.bootId, how: 'SIGKILL' }
    await this.#door.order('exited', exitedMessage.encode(news))
  }
}
