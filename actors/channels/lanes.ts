import {
  type ChannelAnswer,
  CoveyError,
  channelAnswer,
  channelMessage,
  errorFromReport,
  limits,
} from '@covey/protocol'
import type { ConnectionView } from '../connection/connection-view.js'
import type { Sessions } from '../connection/sessions.js'
import type { Environment, Self } from '../environment.js'
import { readFrame } from '../membership/frame-door.js'
import { Lane } from './lane.js'

/** What this node has to say on a channel to a peer. */
export interface LaneView {
  readonly peer: string
  readonly name: string
  readonly credit: number
  readonly queue: number
}

interface NamedLane {
  readonly peer: string
  readonly name: string
  readonly lane: Lane
}

/** Everything that one generation of a node sends on channels; a lane is kept while something is in it. */
export class Lanes {
  readonly #env: Environment
  readonly #self: Self
  readonly #sessions: Sessions
  readonly #lanes = new Map<string, NamedLane>()
  readonly #budget = { bytes: limits.channelSendBytesMax as number }
  #number = 0

  constructor(env: Environment, self: Self, sessions: Sessions) {
    this.#env = env
    this.#self = self
    this.#sessions = sessions
  }

  get isEmpty(): boolean {
    return this.#lanes.size === 0
  }

  send(peer: string, name: string, payload: Uint8Array, deadlineMs: number): Promise<void> {
    const key = `${peer} ${name}`
    let named = this.#lanes.get(key)
    if (named === undefined) {
      const lane = new Lane({
        ...{ clock: this.#env.clock, peer, channel: name, budget: this.#budget },
        readiness: () => this.#readiness(peer),
        deliver: (bytes, leftMs) => this.#deliver(peer, name, bytes, leftMs),
        onEmpty: () => this.#lanes.delete(key),
      })
      named = { peer, name, lane }
      this.#lanes.set(key, named)
    }
    return named.lane.send(payload, deadlineMs)
  }

  /** The session with a peer is not as it was. */
  changed(peer: string): void {
    for (const named of [...this.#lanes.values()]) if (named.peer === peer) named.lane.pump()
  }

  /** Nothing that waits will be sent. */
  fail(error: CoveyError): void {
    for (const { lane } of [...this.#lanes.values()]) lane.fail(error)
  }

  views(): readonly LaneView[] {
    return [...this.#lanes.values()].map(({ peer, name, lane }) => {
      return { peer, name, credit: lane.credit, queue: lane.queued }
    })
  }

  #readiness(peer: string): boolean | CoveyError {
    const view = this.#sessions.view(peer)
    if (view?.state === 'open') return true
    if (view?.state === 'closed') return this.#closedError(peer, view)
    if (view?.state !== 'draining' && this.#sessions.need(peer)) return false
    return new CoveyError('unreachable', `node ${peer} takes no part in the cluster now`, { address: peer })
  }

  #closedError(peer: string, { context: { reason, lastError } }: ConnectionView): CoveyError {
    const isIncompatible = reason === 'incompatible'
    const what = isIncompatible ? lastError : `the session with ${peer} is over: ${reason}`
    return new CoveyError(isIncompatible ? 'incompatible' : 'unreachable', what, { address: peer })
  }

  async #deliver(peer: string, name: string, payload: Uint8Array, deadlineMs: number): Promise<void> {
    const { links, subjects } = this.#env
    const { nodeId: from, generation } = this.#self
    const view = this.#sessions.view(peer)
    if (view?.state !== 'open') throw new CoveyError('unreachable', `the session with ${peer} has ended`)
    const { session } = view.context
    this.#number += 1
    const frame = channelMessage.encode({ from, generation, session, number: this.#number, payload })
    const subject = subjects.channel(peer, view.context.generation, name)
    const outcome = await links.data.request(subject, frame, deadlineMs)
    if (outcome.kind === 'noResponders') {
      throw new CoveyError('not_found', `nobody reads channel ${name} on ${peer}`, { address: name })
    }
    if (outcome.kind === 'overloaded') {
      throw new CoveyError('overloaded', 'too many requests of this process wait for an answer')
    }
    if (outcome.kind !== 'reply') {
      const code = outcome.kind === 'timeout' ? 'deadline' : 'unreachable'
      const what = `no word from ${peer} whether channel ${name} has it; it may have been handled`
      throw new CoveyError(code, what, { address: peer })
    }
    this.#judge(peer, session, readFrame(this.#env, { subject, data: outcome.data }, channelAnswer))
  }

  #judge(peer: string, session: string, answer: ChannelAnswer | undefined): void {
    if (answer === undefined) throw new CoveyError('invalid_message', `${peer} answers what is none`)
    if (answer.isSessionUnknown) {
      this.#sessions.noteUnknown(peer, session)
      throw new CoveyError('unreachable', `${peer} has lost the session; send it again`, { address: peer })
    }
    if (answer.error !== undefined) throw errorFromReport(answer.error)
  }
}
