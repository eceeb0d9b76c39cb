import { deflateRawSync } from 'node:zlib'
import type { Environment, NodePart, Self } from '@covey/actors'
import { CoveyError, limits, tapFrame, tapMessage } from '@covey/protocol'
import type { BusMessage, Stop } from '@covey/transport'
import { type ChannelListener, createChannelPart } from './channel-part.js'
import { TapSums } from './tap-sums.js'
import type { TransitionFeed } from './transition-feed.js'

/** What the tap of a node is made with. */
export interface TapOptions {
  readonly feed: TransitionFeed
  /** The shards that this node leads now. */
  readonly leads: () => readonly number[]
}

/** The part of a node that sums up its transitions. */
export interface TapPart extends NodePart {
  /** Whether somebody listens. */
  readonly isTapped: boolean
}

/**
 * Sums up the transitions of this node for who watches all of a cluster: a frame in each interval in which something
 * happened, the same for everybody who listens. Nothing is heard, kept or sent while nobody has asked for it lately.
 */
export function createTapPart(env: Environment, options: TapOptions): TapPart {
  const tap = new Tap(env, options)
  return {
    ...createChannelPart(env, 'tap', tap),
    get isTapped() {
      return tap.isTapped
    },
  }
}

class Tap implements ChannelListener {
  readonly #env: Environment
  readonly #options: TapOptions
  #self: Self | undefined
  #sums = new TapSums()
  #untilMs = 0
  #number = 0
  #pass = 0
  #leads = ''
  #stopFeed: Stop | undefined
  #timer: unknown
  /** Whoever asks on is answered with a frame, so that a lost one is noticed. */
  #isAsked = false

  constructor(env: Environment, options: TapOptions) {
    this.#env = env
    this.#options = options
  }

  get isTapped(): boolean {
    return this.#stopFeed !== undefined
  }

  open(self: Self): void {
    this.#self = self
  }

  close(): void {
    this.#self = undefined
    this.#rest()
  }

  take(_self: Self, { subject, data }: BusMessage): void {
    try {
      const { ttlMs, anew } = tapMessage.decode(data)
      const { clock } = this.#env
      this.#untilMs = Math.max(this.#untilMs, clock.now() + ttlMs)
      if (this.#stopFeed === undefined || anew) this.#beginAnew()
      this.#isAsked = true
      this.#stopFeed ??= this.#options.feed.listen((transition) => this.#sums.add(transition))
      this.#timer ??= clock.setTimeout(() => this.#tick(), limits.tapIntervalMs)
    } catch (error) {
      if (!(error instanceof CoveyError && error.code === 'invalid_message')) throw error
      this.#env.notice({ kind: 'frame.refused', subject, error })
    }
  }

  #beginAnew(): void {
    this.#pass += 1
    this.#leads = this.#options.leads().join(' ')
    this.#sums.beginAnew(this.#options.feed.states())
  }

  #tick(): void {
    this.#timer = undefined
    if (this.#env.clock.now() >= this.#untilMs) {
      this.#rest()
      return
    }
    // A new leader has folded in silence what nobody may have told.
    if (this.#sums.isOverfull || this.#options.leads().join(' ') !== this.#leads) this.#beginAnew()
    if (this.#isAsked || !this.#sums.isEmpty) this.#publish()
    this.#isAsked = false
    this.#timer = this.#env.clock.setTimeout(() => this.#tick(), limits.tapIntervalMs)
  }

  #publish(): void {
    const self = this.#self
    if (self === undefined) return
    const { links, subjects } = this.#env
    const { nodeId: node, generation } = self
    this.#number += 1
    const frame = { node, generation, number: this.#number, pass: this.#pass, ...this.#sums.take() }
    // The quickest level: it halves what is sent, and more is not worth the time of a leader.
    links.data.publish(subjects.tap(node), deflateRawSync(tapFrame.encode(frame), { level: 1 }))
  }

  #rest(): void {
    this.#env.clock.clearTimeout(this.#timer)
    this.#timer = undefined
    this.#stopFeed?.()
    this.#stopFeed = undefined
    this.#sums = new TapSums()
  }
}
