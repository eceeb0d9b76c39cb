import { CoveyError, channelNames, checkedDeadlineMs, isId, limits } from '@covey/protocol'
import type { Stop } from '@covey/transport'
import type { Sessions } from '../connection/sessions.js'
import type { Environment, NodePart, Self } from '../environment.js'
import { pause } from '../membership/pause.js'
import { Lanes } from './lanes.js'
import type { ChannelHandler } from './reader.js'
import { Readers } from './readers.js'

/** One channel between this node and a peer, as it is now. */
export interface ChannelView {
  readonly peer: string
  readonly name: string
  /** Messages that may still be sent before one is dealt with over there. */
  readonly credit: number
  /** Messages that wait here for such a credit. */
  readonly queue: number
  /** Messages of the peer that the handler here has not dealt with. */
  readonly unread: number
}

/** The channels of applications on one node. */
export interface Channels extends NodePart {
  /**
   * Reads a channel until it is stopped, through all generations of the node. Throws `invalid_id`, `invalid_options` for a name
   * that is reserved or read here already, `overloaded` beyond `limits.channelsPerNodeMax`.
   */
  read(name: string, handler: ChannelHandler): Stop
  /**
   * Sends a message at most once, after those sent before it on that channel to that node. Resolves when its handler there
   * has dealt with it; rejects `overloaded`, `deadline`, `unreachable`, `not_found`, `incompatible`, `handler_failed`,
   * `too_large`, `invalid_id`, `invalid_options`.
   */
  send(to: string, name: string, payload: Uint8Array, deadlineMs?: number): Promise<void>
  views(): readonly ChannelView[]
}

/** How often a node that leaves looks whether its handlers are done, in milliseconds. */
const idleLookMs = 20

/** Makes the channels of a node; `sessions` are those of its present run. */
export function createChannels(env: Environment, sessions: () => Sessions): Channels {
  const readers = new Readers(env, sessions)
  let self: Self | undefined
  let lanes: Lanes | undefined
  let isActive = false
  let stopSessions: Stop | undefined

  const mute = (why: string): void => {
    isActive = false
    lanes?.fail(new CoveyError('unreachable', why))
  }
  const close = (): void => {
    mute('this node has left')
    stopSessions?.()
    readers.close()
    lanes = undefined
    self = undefined
  }

  return {
    read(name, handler) {
      refuseName(name)
      return readers.add(name, handler)
    },
    async send(to, name, payload, deadlineMs = limits.channelDeadlineMs) {
      refuseName(name)
      refuseSize(name, payload)
      const withinMs = checkedDeadlineMs(deadlineMs)
      if (!isActive || self === undefined || lanes === undefined) {
        throw new CoveyError('unreachable', 'this node takes no part in its cluster now', { address: to })
      }
      if (to === self.nodeId) await readers.takeOwn(self, name, payload)
      else await lanes.send(to, name, payload, withinMs)
    },
    views() {
      const views = new Map<string, ChannelView>()
      for (const lane of lanes?.views() ?? []) views.set(`${lane.peer} ${lane.name}`, { ...lane, unread: 0 })
      for (const { peer, name, unread } of readers.unread()) {
        const sent = views.get(`${peer} ${name}`)
        views.set(`${peer} ${name}`, {
          ...{
            peer,
            name,
            credit: sent?.credit ?? limits.channelCreditsMax,
            queue: sent?.queue ?? 0,
            unread,
          },
        })
      }
      return [...views.values()]
    },
    open(opened) {
      close()
      self = opened
      lanes = new Lanes(env, opened, sessions())
      readers.open(opened)
      stopSessions = sessions().onChange((peer) => {
        lanes?.changed(peer)
        readers.changed(peer)
      })
    },
    activate() {
      isActive = true
    },
    /** Nothing new is sent; what is under way, or waits for a handler, may still end. */
    async drain(deadlineMs) {
      mute('this node leaves')
      const untilMs = env.clock.now() + deadlineMs
      const isDone = (): boolean => (lanes?.isEmpty ?? true) && readers.isIdle
      const { signal } = new AbortController()
      while (!isDone() && env.clock.now() < untilMs) await pause(env.clock, idleLookMs, signal)
      return { clean: true }
    },
    fence: () => mute('this node has lost its generation'),
    close,
  }
}

function refuseName(name: string): void {
  if (!isId(name)) {
    throw new CoveyError('invalid_id', `a channel cannot be called ${JSON.stringify(name)}`, {
      mend: 'use 1 to 64 of the characters A-Z a-z 0-9 _ -',
    })
  }
  if ((channelNames as readonly string[]).includes(name)) {
    throw new CoveyError('invalid_options', `channel ${name} is one of Covey itself`, {
      address: name,
      mend: `take any name but ${channelNames.join(', ')}`,
    })
  }
}

function refuseSize(name: string, { byteLength }: Uint8Array): void {
  if (byteLength <= limits.inlineBytesMax) return
  throw new CoveyError(
    'too_large',
    `a message for channel ${name} has ${byteLength} bytes, the most are ${limits.inlineBytesMax}`,
    { address: name },
  )
}
