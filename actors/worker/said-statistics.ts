import { ChurnMap } from '@covey/engine'
import { limits, splitWorkflowId, statisticsAnswer, statisticsAsk, statisticsMessage } from '@covey/protocol'
import { type BusMessage, delay, type Stop } from '@covey/transport'
import type { Environment, Self } from '../environment.js'
import { readFrame } from '../membership/frame-door.js'
import type { LoadedCode } from './loaded-code.js'

/** The shortest time that a timer of Node takes: everything else that is due comes in between. */
const nextTurnMs = 1

/**
 * What running attempts say of their statistics: all that each has counted, numbered. Who comes late asks for it, and what
 * was said last is said once more as it was, so that nobody counts it twice and nobody waits until more is counted.
 */
export class SaidStatistics {
  readonly #env: Environment
  /** The last frame of each attempt whose code has not returned. */
  readonly #last = new ChurnMap<LoadedCode, Uint8Array>()
  readonly #stopListening: Stop

  constructor(env: Environment, { nodeId, generation }: Self) {
    this.#env = env
    const subject = env.subjects.channel(nodeId, generation, 'statistics')
    this.#stopListening = env.links.data.subscribe(subject, (message) => this.#hear(message))
  }

  say(code: LoadedCode, value: Uint8Array, number: number): void {
    const { workflow, token } = code.dispatch
    const frame = statisticsMessage.encode({ workflow, token, number, value })
    this.#last.set(code, frame)
    this.#publish(code, frame)
  }

  /** Its code has returned: what it has counted goes with its word from now on. */
  end(code: LoadedCode): void {
    this.#last.delete(code)
  }

  close(): void {
    this.#stopListening()
    for (const code of [...this.#last.keys()]) this.#last.delete(code)
  }

  #publish({ shard, dispatch }: LoadedCode, frame: Uint8Array): void {
    const { links, subjects } = this.#env
    links.data.publish(subjects.statistics(shard, dispatch.workflow), frame)
  }

  #hear(message: BusMessage): void {
    const asked = readFrame(this.#env, message, statisticsAsk)
    if (asked !== undefined) void this.#sayAgain(asked.job, message.reply)
  }

  /** At most a message's worth in a turn of the event loop: its node goes on with its work. */
  async #sayAgain(job: string, reply: string | undefined): Promise<void> {
    const { links, clock } = this.#env
    let [attempts, bytes] = [0, 0]
    for (const code of [...this.#last.keys()]) {
      const frame = this.#last.get(code)
      if (frame === undefined || splitWorkflowId(code.dispatch.workflow).job !== job) continue
      if (bytes + frame.byteLength > limits.payloadBytesMax) {
        await delay(clock, nextTurnMs)
        bytes = 0
      }
      this.#publish(code, frame)
      attempts += 1
      bytes += frame.byteLength
    }
    if (reply !== undefined) links.data.publish(reply, statisticsAnswer.encode({ attempts }))
  }
}
