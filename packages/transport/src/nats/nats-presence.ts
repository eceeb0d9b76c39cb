import { limits } from '@covey/protocol'
import type { Stop } from '../bus.js'
import type { Presence, VainHold } from '../presence.js'
import { askJetStream } from './jetstream-api.js'
import type { StoreContext } from './store-context.js'

const namePrefix = 'here_'
const nanosecondsPerMs = 1_000_000
/** How long one server keeps a consumer to which nobody listens: it tells of its end then. */
const unheardMs = 1
/**
 * The same where servers have to tell each other who listens: a consumer is often made at another one than its listener
 * is connected to, and would be ended before that is known there.
 */
const unheardOfServersMs = 250

/**
 * A name is present by a consumer that delivers nothing: the broker ends it with the connection that listens to it, and
 * tells so to the whole account. Any server from 2.9 on does, and without a right to its system account.
 */
export class NatsPresence implements Presence {
  readonly #context: StoreContext
  readonly #stream: string
  /** A subject of the stream under which nothing is ever stored. */
  readonly #nothing: string

  constructor(context: StoreContext, stream: string, nothing: string) {
    this.#context = context
    this.#stream = stream
    this.#nothing = nothing
  }

  hold(name: string, onVain?: (vain: VainHold) => void): Stop {
    const { bus, clock, retryMs } = this.#context
    const consumer = namePrefix + name
    const deliverSubject = bus.inbox()
    let isStopped = false
    let timer: unknown
    let tries = 0
    const announce = (): void => {
      clock.clearTimeout(timer)
      this.#create(consumer, deliverSubject).then(
        () => {
          tries = 0
          // The server that keeps it may be killed, and tells nobody.
          if (!isStopped && bus.hasServers) timer = clock.setTimeout(announce, limits.presenceRenewalMs)
        },
        (error: unknown) => {
          // With a link that is found again it is asked anew.
          if (isStopped || bus.state !== 'up') return
          // No stream yet, or no right to it.
          tries += 1
          const isGivenUp = tries >= limits.presenceTriesMax
          if (tries === 1 || isGivenUp) onVain?.({ error, isGivenUp })
          const waitMs = Math.min(limits.presenceWaitMsMax, retryMs * 2 ** (tries - 1))
          if (!isGivenUp) timer = clock.setTimeout(announce, waitMs)
        },
      )
    }
    const stopListening = bus.subscribeRaw(deliverSubject, () => undefined)
    const stopNews = bus.onNews((news) => {
      if (news.kind !== 'state') return
      clock.clearTimeout(timer)
      tries = 0
      if (news.state === 'up') announce()
    })
    if (bus.state === 'up') announce()
    return () => {
      isStopped = true
      clock.clearTimeout(timer)
      stopNews()
      stopListening()
    }
  }

  onGone(listener: (name: string) => void): Stop {
    const prefix = `$JS.EVENT.ADVISORY.CONSUMER.DELETED.${this.#stream}.`
    return this.#context.bus.subscribe(`${prefix}*`, ({ subject }) => {
      const consumer = subject.slice(prefix.length)
      if (consumer.startsWith(namePrefix)) listener(consumer.slice(namePrefix.length))
    })
  }

  async #create(consumer: string, deliverSubject: string): Promise<void> {
    const { bus } = this.#context
    const config = {
      name: consumer,
      deliver_subject: deliverSubject,
      deliver_policy: 'new',
      filter_subject: this.#nothing,
      ack_policy: 'none',
      inactive_threshold: (bus.hasServers ? unheardOfServersMs : unheardMs) * nanosecondsPerMs,
      mem_storage: true,
      num_replicas: 1,
    }
    const address = [this.#stream, consumer, this.#nothing].join('.')
    if (bus.state === 'up')
      await askJetStream(bus, `CONSUMER.CREATE.${address}`, { stream_name: this.#stream, config })
  }
}
