import type { HeapClock } from '@covey/engine'
import { type ChannelName, type OrderAnswer, orderAnswer, type Subjects } from '@covey/protocol'
import type { Links, MemoryBroker } from '@covey/transport'
import type { SimulatedNode } from './simulated-node.js'

const answerDeadlineMs = 1_000
const roundIntervalMs = 250
/** Nobody asks for ever: there may be no manager any more. */
const roundsMax = 40

/** How somebody outside the cluster speaks to its managers: to one after another, until one has done what is wanted. */
export class ManagersDoor {
  readonly #heap: HeapClock
  readonly #subjects: Subjects
  readonly #links: Links
  readonly #managers: () => readonly SimulatedNode[]

  constructor(
    name: string,
    ground: { readonly heap: HeapClock; readonly broker: MemoryBroker; readonly subjects: Subjects },
    managers: () => readonly SimulatedNode[],
  ) {
    this.#heap = ground.heap
    this.#subjects = ground.subjects
    this.#links = ground.broker.open(name)
    this.#managers = managers
  }

  /** The answer of the first manager that has obeyed; `undefined` where none has, or it is not wanted any more. */
  async order(
    channel: ChannelName,
    frame: Uint8Array,
    isWanted: () => boolean = () => true,
  ): Promise<OrderAnswer | undefined> {
    for (let round = 0; round < roundsMax && isWanted(); round += 1) {
      const managers = this.#managers()
      const manager = managers[round % Math.max(1, managers.length)]
      const answer = manager && (await this.#ask(manager, channel, frame))
      if (answer !== undefined) return answer
      await new Promise<void>((resolve) => {
        this.#heap.setTimeout(resolve, roundIntervalMs)
      })
    }
    return undefined
  }

  async #ask(
    { name, generation }: SimulatedNode,
    channel: ChannelName,
    frame: Uint8Array,
  ): Promise<OrderAnswer | undefined> {
    const subject = this.#subjects.channel(name, generation, channel)
    const outcome = await this.#links.control.request(subject, frame, answerDeadlineMs)
    if (outcome.kind !== 'reply') return undefined
    const answer = orderAnswer.decode(outcome.data)
    return answer.error === undefined ? answer : undefined
  }
}
