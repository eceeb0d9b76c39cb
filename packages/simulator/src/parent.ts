import type { HeapClock } from '@covey/engine'
import { exitedMessage, orderAnswer, type Subjects } from '@covey/protocol'
import type { Links, MemoryBroker } from '@covey/transport'
import type { SimulatedNode } from './simulated-node.js'

const answerDeadlineMs = 1_000
const roundIntervalMs = 250
/** A launcher gives up at some time: nobody may know the run any more. */
const roundsMax = 40

/** Whoever has started the processes, and sees them exit: it tells a manager, until one has heard it (K49). */
export class Parent {
  readonly #heap: HeapClock
  readonly #subjects: Subjects
  readonly #links: Links
  readonly #managers: () => readonly SimulatedNode[]

  constructor(
    heap: HeapClock,
    broker: MemoryBroker,
    subjects: Subjects,
    managers: () => readonly SimulatedNode[],
  ) {
    this.#heap = heap
    this.#subjects = subjects
    this.#links = broker.open('parent')
    this.#managers = managers
  }

  /** Tells of the exit of a process. */
  async tell(exited: SimulatedNode): Promise<void> {
    const { name, pid, membership } = exited
    const frame = exitedMessage.encode({ node: name, pid, bootId: membership.bootId, how: 'SIGKILL' })
    for (let round = 0; round < roundsMax; round += 1) {
      const managers = this.#managers()
      const manager = managers[round % Math.max(1, managers.length)]
      if (manager !== undefined && (await this.#isNoted(manager, frame))) return
      await new Promise<void>((resolve) => {
        this.#heap.setTimeout(resolve, roundIntervalMs)
      })
    }
  }

  async #isNoted(manager: SimulatedNode, frame: Uint8Array): Promise<boolean> {
    const subject = this.#subjects.channel(manager.name, manager.generation, 'exited')
    const outcome = await this.#links.control.request(subject, frame, answerDeadlineMs)
    return outcome.kind === 'reply' && orderAnswer.decode(outcome.data).error === undefined
  }
}
