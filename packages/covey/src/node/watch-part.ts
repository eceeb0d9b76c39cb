import type { Environment, NodePart, Self } from '@covey/actors'
import {
  CoveyError,
  limits,
  reportOfError,
  transitionMessage,
  type WatchMessage,
  type WatchState,
  watchMessage,
  watchState,
} from '@covey/protocol'
import type { BusMessage, Stop } from '@covey/transport'
import { type ActorFilter, actorFilter } from '../transitions/actor-filter.js'
import { type ChannelListener, createChannelPart } from './channel-part.js'
import { StateWalks } from './state-walks.js'
import type { NodeTransition, TransitionFeed } from './transition-feed.js'

interface Watch {
  readonly passes: ActorFilter
  untilMs: number
}

/** What the watch of a node is made with. */
export interface WatchOptions {
  readonly feed: TransitionFeed
  /** The shards that this node leads now. */
  readonly leads: () => readonly number[]
}

/** The part of a node that lets it be watched. */
export interface WatchPart extends NodePart {
  /** How many watch it now. */
  readonly watches: number
}

/**
 * Lets other processes watch the actors of this node (K42): it states all that a watch names, then publishes what
 * follows, numbered, while somebody watches. What a watcher cannot have heard takes a number too, so that it asks again.
 */
export function createWatchPart(env: Environment, options: WatchOptions): WatchPart {
  const listener = new Watches(env, options)
  return {
    ...createChannelPart(env, 'watch', listener),
    get watches() {
      return listener.size
    },
  }
}

class Watches implements ChannelListener {
  readonly #env: Environment
  readonly #options: WatchOptions
  readonly #watches = new Map<string, Watch>()
  readonly #walks: StateWalks
  #self: Self | undefined
  #number = 0
  #leads = ''
  /** How many charts were let go of by the entry that did so last. */
  #letGo = { at: { shard: 0, sequence: 0 }, count: 0 }
  #stopFeed: Stop | undefined
  #expiry: unknown

  constructor(env: Environment, options: WatchOptions) {
    this.#env = env
    this.#options = options
    this.#walks = new StateWalks(env.clock, () => this.#noticeLeads())
  }

  get size(): number {
    return this.#watches.size
  }

  open(self: Self): void {
    this.#self = self
    this.#number = 0
    this.#options.feed.open()
  }

  close(): void {
    this.#watches.clear()
    this.#rest()
    this.#options.feed.close()
    this.#self = undefined
  }

  take(self: Self, message: BusMessage): void {
    const answer = (state: Omit<WatchState, 'node' | 'generation'>): void => {
      const { nodeId: node, generation } = self
      if (message.reply === undefined) return
      this.#env.links.data.publish(message.reply, watchState.encode({ node, generation, ...state }))
    }
    try {
      const request = watchMessage.decode(message.data)
      if (request.ttlMs === 0) {
        this.#end(request.watch)
        return
      }
      this.#open(request)
      if (request.withState) this.#state(request.watch, answer)
      else answer({ number: this.#number, part: 0, last: true, actors: [] })
    } catch (error) {
      if (!(error instanceof CoveyError)) throw error
      if (error.code === 'invalid_message') {
        this.#env.notice({ kind: 'frame.refused', subject: message.subject, error })
      } else {
        const report = reportOfError(error, limits.errorTextMax)
        answer({ number: this.#number, part: 0, last: true, actors: [], error: report })
      }
    }
  }

  #open({ watch, actors, kinds, ttlMs, withState }: WatchMessage): void {
    const untilMs = this.#env.clock.now() + ttlMs
    this.#noticeLeads()
    const known = this.#watches.get(watch)
    if (known !== undefined) {
      known.untilMs = untilMs
      return
    }
    if (this.#watches.size >= limits.watchesMax) {
      const mend = 'close some watches, or narrow what they watch'
      throw new CoveyError('overloaded', `the node has ${limits.watchesMax} watches already`, { mend })
    }
    this.#watches.set(watch, { passes: actorFilter({ actors, kinds }), untilMs })
    // A watch renewed too late has missed what happened meanwhile.
    if (!withState) this.#number += 1
    this.#stopFeed ??= this.#options.feed.listen((transition) => this.#publish(transition))
    this.#expire()
  }

  #state(watch: string, answer: (state: Omit<WatchState, 'node' | 'generation'>) => void): void {
    const passes = this.#watches.get(watch)?.passes ?? (() => false)
    const { feed } = this.#options
    this.#walks.begin(watch, {
      ...{ states: feed.states(), passes },
      tell: (part) => {
        const folded = part.last ? { folded: feed.places() } : {}
        answer({ number: this.#number, ...part, ...folded })
      },
    })
  }

  #publish(transition: NodeTransition): void {
    const self = this.#self
    if (self === undefined) return
    this.#noticeLeads()
    if (![...this.#watches.values()].some(({ passes }) => passes(transition))) return
    this.#number += 1
    this.#walks.note(transition)
    if (this.#isFlood(transition)) return
    const { links, subjects } = this.#env
    const { nodeId: node, generation } = self
    links.data.publish(
      subjects.transition(node, transition.kind, transition.actor),
      transitionMessage.encode({ number: this.#number, transition: { node, generation, ...transition } }),
    )
  }

  /** Whether so many charts are let go of by one entry of a log that who watches is better told the state of the others. */
  #isFlood({ to, at }: NodeTransition): boolean {
    if (to !== '' || !('shard' in at)) return false
    const { shard, sequence } = this.#letGo.at
    const isSame = shard === at.shard && sequence === at.sequence
    this.#letGo = { at, count: isSame ? this.#letGo.count + 1 : 1 }
    return this.#letGo.count > limits.watchLetGoMax
  }

  /**
   * A new leader has folded in silence what nobody may have told: its watchers have to ask for the state. So has who
   * was being told the state of what this node led before.
   */
  #noticeLeads(): void {
    const leads = this.#options.leads().join(' ')
    if (leads === this.#leads) return
    this.#leads = leads
    this.#number += 1
    this.#walks.clear()
  }

  #end(watch: string): void {
    this.#watches.delete(watch)
    this.#walks.end(watch)
    this.#expire()
  }

  /** Ends what has not been renewed, and rests when nobody watches. */
  #expire(): void {
    const nowMs = this.#env.clock.now()
    for (const [id, { untilMs }] of this.#watches) {
      if (untilMs > nowMs) continue
      this.#watches.delete(id)
      this.#walks.end(id)
    }
    if (this.#watches.size === 0) {
      this.#rest()
      return
    }
    this.#env.clock.clearTimeout(this.#expiry)
    this.#expiry = this.#env.clock.setTimeout(() => this.#expire(), limits.watchTtlMs)
  }

  #rest(): void {
    this.#walks.clear()
    this.#env.clock.clearTimeout(this.#expiry)
    this.#stopFeed?.()
    this.#stopFeed = undefined
  }
}
