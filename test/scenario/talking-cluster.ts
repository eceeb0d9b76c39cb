import { type Channels, createChannels, type ReceivedMessage } from '@covey/actors'
import { packValue, unpackValue } from '@covey/protocol'
import { createWorld, type NodeOptions, type SimulatedNode, type SimulatedWorld } from '@covey/simulator'
import type { MemoryFaults } from '@covey/transport'

const gentle = { latencyMinMs: 0, latencyMaxMs: 20 }

/** A cluster under virtual time whose nodes talk to each other on channels. */
export class TalkingCluster {
  readonly world: SimulatedWorld
  readonly #channels = new Map<SimulatedNode, Channels>()
  readonly #options: NodeOptions

  constructor(seed: number, faults: Partial<MemoryFaults> = {}, nodes: NodeOptions = {}) {
    this.#options = { roles: ['manager'], ...nodes }
    this.world = createWorld({ seed, faults: { ...gentle, ...faults } })
  }

  /** Starts a process, which reads these channels from the first moment. */
  node(name: string, handlers: Readonly<Record<string, (text: string, from: string) => unknown>> = {}) {
    let channels: Channels | undefined
    const node = this.world.node(name, {
      ...this.#options,
      parts: (env, _members, sessions) => {
        channels = createChannels(env, sessions)
        return [channels]
      },
    })
    if (channels === undefined) throw new Error('the parts of a node have not been made')
    this.#channels.set(node, channels)
    for (const [channel, handler] of Object.entries(handlers)) {
      channels.read(channel, ({ payload, from }: ReceivedMessage) =>
        handler(String(unpackValue(payload)), from),
      )
    }
    return node
  }

  /** Runs until all that are up see each other as active and, where wanted, hold the same session in pairs. */
  async agreed(withinMs = 60_000): Promise<void> {
    await this.world.until(() => this.isAgreed, withinMs)
  }

  get up(): SimulatedNode[] {
    return this.world.nodes.filter((node) => node.isUp)
  }

  /** All that are up see exactly each other, and each pair has one session, the same on both sides. */
  get isAgreed(): boolean {
    const { up } = this
    return up.every((node) => {
      const others = up.filter((other) => other !== node)
      const seen = node.members
        .all()
        .filter(({ state, nodeId }) => state !== 'departed' && nodeId !== node.name)
      return (
        node.membership.state() === 'active' &&
        seen.length === others.length &&
        others.every((other) => isPair(node, other))
      )
    })
  }

  channels(node: SimulatedNode): Channels {
    const channels = this.#channels.get(node)
    if (channels === undefined) throw new Error(`${node.name} has no channels`)
    return channels
  }

  send(from: SimulatedNode, to: string, channel: string, text: string, deadlineMs?: number): Promise<void> {
    return this.channels(from).send(to, channel, packValue(text), deadlineMs)
  }

  /** Sends again until it is said to be dealt with: what a user does who cannot afford a loss. */
  async insist(from: SimulatedNode, to: string, channel: string, text: string): Promise<void> {
    for (;;) {
      try {
        await this.send(from, to, channel, text, 2_000)
        return
      } catch {
        if (!from.isUp) return
        await new Promise<void>((resolve) => this.world.heap.setTimeout(resolve, 200))
      }
    }
  }
}

/** Whether two nodes see each other as active and hold one session, the same on both sides. */
function isPair(one: SimulatedNode, other: SimulatedNode): boolean {
  const [here, there] = [one.membership.sessions.view(other.name), other.membership.sessions.view(one.name)]
  return (
    one.members.find(other.name)?.state === 'active' &&
    here?.state === 'open' &&
    there?.state === 'open' &&
    here.context.session === there.context.session
  )
}

/** How a promise has ended so far: `waiting`, `done`, or the code of its error. */
export function outcomeOf(promise: Promise<unknown>): { state: string } {
  const outcome = { state: 'waiting' }
  promise.then(
    () => {
      outcome.state = 'done'
    },
    (error: { code?: string }) => {
      outcome.state = error.code ?? String(error)
    },
  )
  return outcome
}
