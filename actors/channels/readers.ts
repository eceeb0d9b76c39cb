import {
  type ChannelMessage,
  CoveyError,
  channelAnswer,
  channelMessage,
  limits,
  reportOfError,
} from '@covey/protocol'
import type { BusMessage, Stop } from '@covey/transport'
import type { Sessions } from '../connection/sessions.js'
import type { Environment, Self } from '../environment.js'
import { readFrame } from '../membership/frame-door.js'
import { type ChannelHandler, Reader } from './reader.js'

/** What was last read of a peer on a channel, within a session. */
interface LastRead {
  readonly session: string
  readonly number: number
}

/** Everything that a node reads on channels, through all its generations. */
export class Readers {
  readonly #env: Environment
  readonly #sessions: () => Sessions
  readonly #readers = new Map<string, Reader>()
  readonly #stops = new Map<string, Stop>()
  /** By peer, and then by channel. */
  readonly #lastRead = new Map<string, Map<string, LastRead>>()
  #self: Self | undefined

  constructor(env: Environment, sessions: () => Sessions) {
    this.#env = env
    this.#sessions = sessions
  }

  get isIdle(): boolean {
    return [...this.#readers.values()].every((reader) => reader.isIdle)
  }

  /** Reads a channel until it is stopped. */
  add(name: string, handler: ChannelHandler): Stop {
    if (this.#readers.has(name)) {
      throw new CoveyError('invalid_options', `channel ${name} is read on this node already`, {
        address: name,
      })
    }
    if (this.#readers.size >= limits.channelsPerNodeMax) {
      const what = `a node reads ${limits.channelsPerNodeMax} channels at most`
      throw new CoveyError('overloaded', what, { address: name })
    }
    const reader = new Reader(name, handler)
    this.#readers.set(name, reader)
    this.#listen(reader)
    return () => {
      if (this.#readers.get(name) !== reader) return
      this.#readers.delete(name)
      this.#deafen(name)
      reader.close()
    }
  }

  /** A generation can be written to from now on. */
  open(self: Self): void {
    this.#self = self
    for (const reader of this.#readers.values()) this.#listen(reader)
  }

  close(): void {
    for (const name of [...this.#stops.keys()]) this.#deafen(name)
    this.#lastRead.clear()
    this.#self = undefined
  }

  /** The session with a peer is not as it was: what belongs to no session any more is forgotten. */
  changed(peer: string): void {
    if (this.#sessions().view(peer) === undefined) this.#lastRead.delete(peer)
  }

  /** A message of this node to itself. */
  async takeOwn(self: Self, name: string, payload: Uint8Array): Promise<void> {
    const reader = this.#readers.get(name)
    if (reader === undefined) {
      throw new CoveyError('not_found', `nobody reads channel ${name} on ${self.nodeId}`, { address: name })
    }
    const { nodeId: from, generation } = self
    const error = await new Promise<CoveyError | undefined>((settle) => {
      reader.take({ from, generation, payload }, settle)
    })
    if (error !== undefined) throw error
  }

  /** The channels on which something of a peer waits for its handler. */
  unread(): readonly { readonly peer: string; readonly name: string; readonly unread: number }[] {
    return [...this.#readers.values()].flatMap((reader) =>
      [...reader.unread()].map(([peer, unread]) => ({ peer, name: reader.name, unread })),
    )
  }

  #listen(reader: Reader): void {
    if (this.#self === undefined) return
    const { links, subjects } = this.#env
    const subject = subjects.channel(this.#self.nodeId, this.#self.generation, reader.name)
    const stop = links.data.subscribe(subject, (message) => this.#take(reader, message))
    this.#stops.set(reader.name, stop)
  }

  #deafen(name: string): void {
    this.#stops.get(name)?.()
    this.#stops.delete(name)
  }

  #take(reader: Reader, frame: BusMessage): void {
    const message = readFrame(this.#env, frame, channelMessage)
    const { reply } = frame
    if (message === undefined || reply === undefined) return
    const { from, generation, payload } = message
    const answer = (body: Parameters<typeof channelAnswer.encode>[0]): void => {
      // Lost with the link, it is missed at the deadline: the message may have been handled, and is not sent again.
      this.#env.links.data.publish(reply, channelAnswer.encode(body))
    }
    if (!this.#isOfSession(message)) answer({ isSessionUnknown: true })
    else if (this.#isNext(reader.name, message)) {
      reader.take({ from, generation, payload }, (error) =>
        answer(error === undefined ? {} : { error: reportOfError(error, limits.errorTextMax) }),
      )
    }
  }

  #isOfSession({ from, generation, session }: ChannelMessage): boolean {
    const view = this.#sessions().view(from)
    // Before its welcome has come back, the session that this side has named is known to the other.
    return (
      view !== undefined &&
      view.state !== 'closed' &&
      view.context.session === session &&
      view.context.generation === generation
    )
  }

  /** Each message once, and in order: one that comes again, or late, is dropped. */
  #isNext(channel: string, { from, session, number }: ChannelMessage): boolean {
    const ofPeer = this.#lastRead.get(from) ?? new Map<string, LastRead>()
    const last = ofPeer.get(channel)
    if (last?.session === session && number <= last.number) return false
    this.#lastRead.set(from, ofPeer.set(channel, { session, number }))
    return true
  }
}
