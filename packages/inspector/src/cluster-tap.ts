import { inflateRawSync } from 'node:zlib'
import { limits, type Subjects, type TapFrame, type Transition, tapFrame, tapMessage } from '@covey/protocol'
import type { Bus, BusMessage, Clock, Stop } from '@covey/transport'
import type { Member } from 'covey'
import { keyOf, type LiveActors } from './live-actors.js'
import type { Timeline } from './timeline.js'

/** What a tap fills, and from where. */
export interface ClusterTapOptions {
  readonly bus: Bus
  readonly subjects: Subjects
  readonly clock: Clock
  readonly wallNow: () => number
  readonly actors: LiveActors
  readonly timeline: Timeline
}

/** One generation of a node as it is listened to. */
interface TappedNode {
  readonly generation: number
  /** Of the last frame; 0 before the first. */
  number: number
  pass: number
  /** Its actors that have not been stated in this pass; undefined when all have been. */
  untold: Set<string> | undefined
  /** Frames below its subject that could not be read, or that spoke for another node. */
  refused: number
}

/** A frame as it comes over the wire; `undefined` for one that cannot be read. */
function readFrame(data: Uint8Array): TapFrame | undefined {
  try {
    return tapFrame.decode(inflateRawSync(data, { maxOutputLength: limits.tapFrameBytesMax }))
  } catch {
    // The number of the next one shows that this one is missing, and has all stated anew.
    return undefined
  }
}

const takesPart = ({ state }: Member): boolean => state === 'active' || state === 'leaving'

/**
 * Hears what all nodes sum up of their transitions. Each first states all its actors; a frame that is lost is seen by the
 * number of the next, and makes it state them once more: whoever was not stated then is gone.
 */
export class ClusterTap {
  readonly #options: ClusterTapOptions
  readonly #nodes = new Map<string, TappedNode>()
  readonly #stops: Stop[]
  #renewal: unknown

  constructor(options: ClusterTapOptions) {
    const { bus, subjects } = options
    this.#options = options
    this.#stops = [
      bus.subscribe(subjects.taps, (message) => this.#take(message)),
      bus.onNews((news) => news.kind === 'state' && news.state === 'up' && this.#renew()),
    ]
    this.#arm()
  }

  /** Listens to who takes part, by the newest generation of each, and to nobody else. */
  takeMembers(members: readonly Member[]): void {
    const living = members.filter(takesPart)
    const generations = new Map(living.map(({ nodeId, generation }) => [nodeId, generation]))
    for (const [node, { generation }] of this.#nodes) {
      if (generations.get(node) !== generation) this.#nodes.delete(node)
    }
    for (const { nodeId, generation } of living) {
      if (this.#nodes.has(nodeId)) continue
      this.#nodes.set(nodeId, { generation, number: 0, pass: 0, untold: undefined, refused: 0 })
      this.#ask(nodeId, generation, true)
    }
  }

  /** Lets the nodes rest, which they do soon after nobody has asked any more. */
  stop(): void {
    this.#options.clock.clearTimeout(this.#renewal)
    for (const stop of this.#stops) stop()
  }

  #arm(): void {
    this.#renewal = this.#options.clock.setTimeout(() => {
      this.#renew()
      this.#arm()
    }, limits.watchTtlMs / 3)
  }

  #renew(): void {
    for (const [node, { generation, number }] of this.#nodes) this.#ask(node, generation, number === 0)
  }

  #ask(node: string, generation: number, anew: boolean): void {
    const { bus, subjects } = this.#options
    bus.publish(
      subjects.channel(node, generation, 'tap'),
      tapMessage.encode({ ttlMs: limits.watchTtlMs, anew }),
    )
  }

  /** Frames of a node that were refused since it is listened to. */
  refusedOf(node: string): number {
    return this.#nodes.get(node)?.refused ?? 0
  }

  /** The subject is the signature: the broker lets a node publish only below its own. */
  #take({ subject, data }: BusMessage): void {
    const sender = subject.slice(subject.lastIndexOf('.') + 1)
    const node = this.#nodes.get(sender)
    if (node === undefined) return
    const frame = readFrame(data)
    if (frame?.node !== sender) node.refused += 1
    else if (node.generation === frame.generation) this.#takeFrame(node, frame)
  }

  #takeFrame(node: TappedNode, frame: TapFrame): void {
    const isGap = node.number > 0 && frame.number !== node.number + 1
    node.number = frame.number
    if (isGap) this.#ask(frame.node, frame.generation, true)
    if (frame.pass !== node.pass) {
      node.pass = frame.pass
      node.untold = new Set(this.#options.actors.keysOf(frame.node, frame.generation))
    }
    this.#takeActors(node, frame)
    this.#takeSample(frame)
    if (!frame.isWhole || node.untold === undefined || isGap) return
    for (const key of node.untold) this.#options.actors.drop(key)
    node.untold = undefined
  }

  #takeActors({ untold }: TappedNode, { node, generation, words, states, actors }: TapFrame): void {
    const sinceMs = this.#options.wallNow()
    let actor = ''
    for (let index = 0; index + 2 < actors.length; index += 3) {
      const [place, common, rest] = actors.slice(index, index + 3)
      actor = (actor.slice(0, Number(common)) + String(rest)).slice(0, limits.actorTextMax)
      const found = states[Number(place)]
      if (found === undefined) continue
      const [kind, shard, state] = found
      const at = shard === 0 ? { local: 0 } : { shard: shard - 1, sequence: 0, index: 0 }
      const ofState = { kind: words[kind] ?? '', from: '', event: '', to: words[state] ?? '' }
      const told: Transition = { node, generation, actor, at, elapsedMs: 0, ...ofState }
      untold?.delete(keyOf(told))
      this.#options.actors.take(told, sinceMs, untold !== undefined)
    }
  }

  #takeSample({ node, generation, words, sample, seen }: TapFrame): void {
    const { timeline, wallNow } = this.#options
    const heardAtMs = wallNow()
    timeline.skip(Math.max(0, seen - sample.length))
    const wordOf = (place: number): string => words[place] ?? ''
    for (const [kind, actor, from, event, to, at, elapsedMs] of sample) {
      const texts = { kind: wordOf(kind), from: wordOf(from), event: wordOf(event), to: wordOf(to) }
      const key = keyOf({ node, generation, actor, at, elapsedMs, ...texts })
      timeline.add({ heardAtMs, key, at, elapsedMs, ...texts })
    }
  }
}
