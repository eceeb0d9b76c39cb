import { waitsAsIfSinceMs } from '@covey/machines'
import { type Demand, limits, type Want } from '@covey/protocol'
import { addWaiting } from './added-want.js'
import { Fifo } from './fifo.js'

/** What waits for a place. */
export interface Waiting {
  readonly name: string
  /** {@link attemptKey}. */
  readonly key: string
  readonly demand: Demand | null
  /** Since when it waits, in the shard's own time (K16). */
  readonly sinceMs: number
}

/** All that can run at the same workers: a workflow by name, and the labels that are required beside its own. */
export interface Kind {
  readonly name: string
  readonly requires: readonly string[]
}

/** Whether a kind can be placed now, only later, or nowhere at all until workers offer something else. */
export type Standing = 'free' | 'busy' | 'nowhere'

/** Those of one key, in the order in which they came. */
interface Lane<Item> {
  readonly key: string
  readonly items: Fifo<Item>
}

/** Those of one kind and one priority: their keys take turns. */
interface KindGroup<Item> {
  readonly kind: Kind
  readonly level: Level<Item>
  readonly lanes: Map<string, Lane<Item>>
  readonly ring: Fifo<Lane<Item>>
  isNowhere: boolean
}

/** Those of one priority: their kinds take turns. */
interface Level<Item> {
  readonly priority: number
  readonly kinds: Map<string, KindGroup<Item>>
  /** Those of which a lane is in the ring and that can be placed somewhere, whose turn is next first. */
  order: KindGroup<Item>[]
}

/** Whose turn it is. */
export interface NextInLine<Item> {
  readonly group: KindGroup<Item>
  readonly lane: Lane<Item>
  readonly item: Item
  /** {@link waitsAsIfSinceMs}. */
  readonly sinceMs: number
}

const kindText = (name: string, requires: readonly string[] = []): string =>
  requires.length === 0 ? name : `${name} ${requires.join(',')}`

/**
 * Who waits, and whose turn is next. Of one priority the kinds take turns, and of a kind its keys, so that many of one do
 * not delay the first of another; of one key who came first goes first. Between priorities the longer wait counts, where
 * each level is worth some waiting. What finds no place now costs nothing until something has changed for it.
 */
export class WaitingLines<Item extends Waiting> {
  readonly #isWaiting: (item: Item) => boolean
  readonly #levels = new Map<number, Level<Item>>()
  readonly #parked = new Map<string, { group: KindGroup<Item>; lane: Lane<Item> }[]>()
  #members = new Set<Item>()
  #gone = 0

  /** @param isWaiting whether an item has not left by another door: who has is passed over */
  constructor(isWaiting: (item: Item) => boolean) {
    this.#isWaiting = isWaiting
  }

  get isEmpty(): boolean {
    return this.#levels.size === 0
  }

  /** Puts an item behind those of its key, or before them where it comes back; one that is there stays where it is. */
  add(item: Item, isBack = false): void {
    if (this.#members.has(item)) return
    this.#members.add(item)
    const { lane, isNew } = this.#laneOf(item)
    if (isBack) lane.items.unshift(item)
    else lane.items.push(item)
    if (isNew) this.#join(this.#groupOf(item), lane)
  }

  /** Whether somebody of a kind waits for nothing but a free place. */
  isAwaited(name: string, requires: readonly string[] = []): boolean {
    if (this.isEmpty) return false
    const text = kindText(name, requires)
    for (const { kinds } of this.#levels.values()) if ((kinds.get(text)?.ring.length ?? 0) > 0) return true
    return false
  }

  /**
   * Slots that those who wait could use at one worker, up to a number, and the most that one of them takes there.
   * @param slotsOf how many one of a kind takes there; 0 where it cannot run there
   */
  wantUpTo(most: number, slotsOf: (kind: Kind) => number): Want {
    const want = { slots: 0, unit: 1 }
    for (const { kinds } of this.#levels.values()) {
      for (const { kind, ring } of kinds.values()) {
        if (want.slots >= most) return want
        if (ring.length > 0) addWaiting(want, most, slotsOf(kind), ring.all())
      }
    }
    return want
  }

  /** The next one that can be placed. */
  next(standingOf: (kind: Kind) => Standing): NextInLine<Item> | undefined {
    let best: NextInLine<Item> | undefined
    for (const level of this.#levels.values()) {
      const next = this.#nextOf(level, standingOf)
      if (next === undefined) continue
      const isFirst = best === undefined || next.sinceMs < best.sinceMs
      const isEqual = next.sinceMs === best?.sinceMs && level.priority > best.group.level.priority
      if (isFirst || isEqual) best = next
    }
    return best
  }

  /** It has been placed: the next turns are those of others. */
  take({ group, lane, item }: NextInLine<Item>): void {
    lane.items.shift()
    this.#members.delete(item)
    group.ring.shift()
    if (lane.items.length > 0) group.ring.push(lane)
    else group.lanes.delete(lane.key)
    this.#passTurn(group)
  }

  /** No worker that is free takes it now: others of its kind go before it. */
  passOver({ group, lane }: NextInLine<Item>): void {
    lane.items.rotate()
    group.ring.rotate()
    this.#passTurn(group)
  }

  /** As many of its key run as may: its lane is set aside until the key is woken. */
  park({ group, lane }: NextInLine<Item>): void {
    group.ring.shift()
    const parked = this.#parked.get(lane.key)
    if (parked) parked.push({ group, lane })
    else this.#parked.set(lane.key, [{ group, lane }])
    this.#passTurn(group)
  }

  /** One of a key runs no more. */
  wake(key: string): void {
    if (this.#parked.size === 0) return
    const parked = this.#parked.get(key) ?? []
    this.#parked.delete(key)
    for (const { group, lane } of parked) this.#join(group, lane)
  }

  /** Workers offer something else than before: whatever was set aside is looked at again. */
  reconsider(): void {
    for (const key of [...this.#parked.keys()]) this.wake(key)
    for (const level of this.#levels.values()) {
      for (const group of level.kinds.values()) {
        if (!group.isNowhere) continue
        group.isNowhere = false
        if (group.ring.length > 0) level.order.push(group)
      }
    }
  }

  /** Somebody has left by another door. Where many have, those that remain are sorted out. */
  noteGone(): void {
    this.#gone += 1
    if (this.#gone <= limits.goneFromLinesMax || this.#gone * 2 < this.#members.size) return
    const remaining = [...this.#members].filter(this.#isWaiting)
    this.#gone = 0
    this.#members = new Set()
    this.#levels.clear()
    this.#parked.clear()
    for (const item of remaining.sort((one, other) => one.sinceMs - other.sinceMs)) this.add(item)
  }

  #nextOf(level: Level<Item>, standingOf: (kind: Kind) => Standing): NextInLine<Item> | undefined {
    const aside: KindGroup<Item>[] = []
    let next: NextInLine<Item> | undefined
    for (const group of level.order) {
      const found = this.#headOf(group)
      const standing = found === undefined ? 'nowhere' : standingOf(group.kind)
      if (standing === 'nowhere') {
        group.isNowhere = found !== undefined
        aside.push(group)
      } else if (found !== undefined && standing === 'free') {
        next = { group, ...found, sinceMs: waitsAsIfSinceMs(found.item.sinceMs, level.priority) }
        break
      }
    }
    if (aside.length > 0) this.#setAside(level, new Set(aside))
    return next
  }

  /** All at once: one at a time would move all others for each. */
  #setAside(level: Level<Item>, aside: ReadonlySet<KindGroup<Item>>): void {
    level.order = level.order.filter((group) => !aside.has(group))
    for (const group of aside) this.#forgetEmpty(group)
  }

  /** The first of the lane whose turn it is; those that have left by another door are let go of. */
  #headOf({ ring, lanes }: KindGroup<Item>): { readonly lane: Lane<Item>; readonly item: Item } | undefined {
    for (let lane = ring.peek(); lane !== undefined; lane = ring.peek()) {
      for (let item = lane.items.peek(); item !== undefined; item = lane.items.peek()) {
        if (this.#isWaiting(item)) return { lane, item }
        lane.items.shift()
        this.#members.delete(item)
      }
      ring.shift()
      lanes.delete(lane.key)
    }
    return undefined
  }

  #groupOf({ name, demand }: Item): KindGroup<Item> {
    const { priority = 0, requires = [] } = demand ?? {}
    const level: Level<Item> = this.#levels.get(priority) ?? { priority, kinds: new Map(), order: [] }
    const text = kindText(name, requires)
    const known = level.kinds.get(text)
    if (known) return known
    const kind = { name, requires }
    const group = { kind, level, lanes: new Map(), ring: new Fifo<Lane<Item>>(), isNowhere: false }
    this.#levels.set(priority, level)
    level.kinds.set(text, group)
    return group
  }

  #laneOf(item: Item): { readonly lane: Lane<Item>; readonly isNew: boolean } {
    const { lanes } = this.#groupOf(item)
    const known = lanes.get(item.key)
    if (known) return { lane: known, isNew: false }
    const lane = { key: item.key, items: new Fifo<Item>() }
    lanes.set(item.key, lane)
    return { lane, isNew: true }
  }

  /** A lane comes into the ring, and its kind among those that take turns. */
  #join(group: KindGroup<Item>, lane: Lane<Item>): void {
    group.ring.push(lane)
    if (group.ring.length === 1 && !group.isNowhere) group.level.order.push(group)
  }

  #passTurn(group: KindGroup<Item>): void {
    const { order } = group.level
    order.splice(order.indexOf(group), 1)
    if (group.ring.length > 0) order.push(group)
    this.#forgetEmpty(group)
  }

  #forgetEmpty({ lanes, kind, level }: KindGroup<Item>): void {
    if (lanes.size > 0) return
    level.kinds.delete(kindText(kind.name, kind.requires))
    if (level.kinds.size === 0) this.#levels.delete(level.priority)
  }
}
