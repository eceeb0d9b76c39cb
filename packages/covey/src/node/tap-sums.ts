import { limits, type TapFrame } from '@covey/protocol'
import type { ActorState, NodeTransition } from './transition-feed.js'

/** An actor that has moved, as it is now: written anew with each move, since a busy leader has many. */
interface Moved {
  readonly kind: string
  readonly actor: string
  state: string
  at: ActorState['at']
  /** It has not been told of before. */
  readonly isNew: boolean
}

/** An even sample of what passes, without knowing how much there will be: every n-th, and n doubles when there is no room. */
class Sample {
  #kept: NodeTransition[] = []
  #stride = 1
  #passed = 0

  get passed(): number {
    return this.#passed
  }

  add(transition: NodeTransition): void {
    if (this.#passed % this.#stride === 0) {
      if (this.#kept.length === limits.tapSampleMax) {
        this.#kept = this.#kept.filter((_, index) => index % 2 === 0)
        this.#stride *= 2
      }
      if (this.#passed % this.#stride === 0) this.#kept.push(transition)
    }
    this.#passed += 1
  }

  take(): { readonly kept: readonly NodeTransition[]; readonly passed: number } {
    const taken = { kept: this.#kept, passed: this.#passed }
    this.#kept = []
    this.#stride = 1
    this.#passed = 0
    return taken
  }
}

/** The words of one frame, and the states that are made of them, each told once. */
class Words {
  readonly all: string[] = []
  readonly states: [number, number, number][] = []
  readonly #places = new Map<string, number>()
  readonly #statePlaces = new Map<string, number>()

  get isFull(): boolean {
    // An actor brings two at most.
    return this.all.length > limits.tapWordsMax - 2
  }

  place(word: string): number {
    const known = this.#places.get(word)
    if (known !== undefined) return known
    this.#places.set(word, this.all.length)
    return this.all.push(word) - 1
  }

  stateOf({ kind, state, at }: ActorState): number {
    const shard = 'shard' in at ? at.shard + 1 : 0
    const key = `${kind} ${shard} ${state}`
    const known = this.#statePlaces.get(key)
    if (known !== undefined) return known
    this.#statePlaces.set(key, this.states.length)
    return this.states.push([this.place(kind), shard, this.place(state)]) - 1
  }
}

function commonOf(one: string, other: string): number {
  let common = 0
  while (common < one.length && one[common] === other[common]) common += 1
  return common
}

/** What a frame says, beside who says it. */
export type TapSum = Pick<TapFrame, 'words' | 'states' | 'actors' | 'sample' | 'seen' | 'isWhole'>

/** Sums up the transitions of a node: what has moved often is told once, and what came and went between two frames never. */
export class TapSums {
  /** By kind, then by name: a key of both would be made for each move. */
  readonly #moved = new Map<string, Map<string, Moved>>()
  #movedCount = 0
  readonly #sample = new Sample()
  #walk: Iterator<ActorState> | undefined
  #isOverfull = false

  /** Whether a frame would say anything. */
  get isEmpty(): boolean {
    return this.#movedCount === 0 && this.#walk === undefined && this.#sample.passed === 0
  }

  /** Whether more has moved than can wait: all actors have to be stated anew. */
  get isOverfull(): boolean {
    return this.#isOverfull
  }

  add(transition: NodeTransition): void {
    this.#sample.add(transition)
    const { kind, actor, to: state, at, from } = transition
    const ofKind = this.#moved.get(kind)
    const waiting = ofKind?.get(actor)
    if (waiting === undefined) {
      if (this.#movedCount >= limits.tapActorsWaitingMax) {
        this.#isOverfull = true
        return
      }
      const moved = { kind, actor, state, at, isNew: from === '' }
      if (ofKind === undefined) this.#moved.set(kind, new Map([[actor, moved]]))
      else ofKind.set(actor, moved)
      this.#movedCount += 1
    } else if (state === '' && waiting.isNew) {
      ofKind?.delete(actor)
      this.#movedCount -= 1
    } else {
      waiting.state = state
      waiting.at = at
    }
  }

  /** States all actors once more, a part with each frame; what waits is part of it. */
  beginAnew(states: Iterable<ActorState>): void {
    this.#moved.clear()
    this.#movedCount = 0
    this.#isOverfull = false
    this.#walk = states[Symbol.iterator]()
  }

  take(): TapSum {
    const { kept, passed: seen } = this.#sample.take()
    const { tapActorsQuiet, tapActorsMax, tapTransitionsPerActor } = limits
    const actorsMax = Math.min(
      tapActorsMax,
      Math.max(tapActorsQuiet, Math.ceil(seen / tapTransitionsPerActor)),
    )
    const words = new Words()
    const sample = kept.map(({ kind, actor, from, event, to, at, elapsedMs }): TapFrame['sample'][number] => {
      const [ofKind, ofFrom, ofEvent, ofTo] = [
        words.place(kind),
        words.place(from),
        words.place(event),
        words.place(to),
      ]
      return [ofKind, actor, ofFrom, ofEvent, ofTo, at, elapsedMs]
    })
    const actors: (number | string)[] = []
    let before = ''
    let told = 0
    let names = 0
    for (const moved of this.#next()) {
      const { actor } = moved
      const common = commonOf(before, actor)
      before = actor
      actors.push(words.stateOf(moved), common, actor.slice(common))
      told += 1
      // What UTF-8 may make of them at most.
      names += 3 * (actor.length - common)
      if (told === actorsMax || names > limits.tapNamesBytesMax || words.isFull) break
    }
    return { words: words.all, states: words.states, actors, sample, seen, isWhole: this.#walk === undefined }
  }

  /** What is to be told next: what has moved, then what has not been stated yet. */
  *#next(): Iterable<ActorState> {
    for (const ofKind of this.#moved.values()) {
      for (const [actor, moved] of ofKind) {
        ofKind.delete(actor)
        this.#movedCount -= 1
        yield moved
      }
    }
    while (this.#walk !== undefined) {
      const next = this.#walk.next()
      if (next.done) this.#walk = undefined
      else yield next.value
    }
  }
}
