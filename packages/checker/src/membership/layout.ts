import type { Field } from '../model.js'

/** One who may vote, as an observer and its subject know it: all numbers but the first are places in a state. */
export interface Voter {
  readonly node: number
  /** How the observer sees the voter, and how the voter sees the subject. */
  readonly seen: number
  readonly against: number
  /** What the observer has of the voter's word against the subject. */
  readonly voice: number
}

/** An observer and its subject. */
export interface Pair {
  readonly observer: number
  readonly subject: number
  readonly sight: number
  readonly voters: readonly Voter[]
}

/** What an observer has of a voter's word against a subject. */
export const voices = { held: 1, stoodBy: 2 } as const
export const allVoices = voices.held | voices.stoodBy

/**
 * Where everything is in a state of so many nodes: the processes, then how each sees each other, then what each has of
 * the word of each voter against each subject, then what may still happen.
 */
export class Layout {
  readonly nodes: readonly number[]
  readonly fields: readonly Field[]
  readonly pairs: readonly Pair[]
  readonly left: number

  constructor(count: number) {
    this.nodes = [...Array(count).keys()]
    this.pairs = this.nodes.flatMap((observer) =>
      this.#others(observer).map((subject) => this.#pairOf(observer, subject)),
    )
    const voters = this.pairs.flatMap(({ voters }) => voters)
    this.left = count + this.pairs.length + voters.length
    this.fields = [
      ...this.nodes.map((node) => ({ name: `process of ${nameOf(node)}`, bits: 13 })),
      ...this.pairs.map(({ observer, subject }) => ({
        name: `${nameOf(subject)} as ${nameOf(observer)} sees it`,
        bits: 13,
      })),
      ...voters.map(({ node }) => ({ name: `the voice of ${nameOf(node)}`, bits: 2 })),
      { name: 'what may still happen', bits: 12 },
    ]
  }

  /** Where is what an observer sees of a subject. */
  sight(observer: number, subject: number): number {
    const { length } = this.nodes
    return length + observer * (length - 1) + placeAmong(subject, [observer])
  }

  /** Where is what an observer has of a voter's word against a subject. */
  voice(observer: number, subject: number, voter: number): number {
    const { length } = this.nodes
    const pair = this.sight(observer, subject) - length
    return length * length + pair * (length - 2) + placeAmong(voter, [observer, subject])
  }

  #others(...nodes: readonly number[]): readonly number[] {
    return this.nodes.filter((node) => !nodes.includes(node))
  }

  #pairOf(observer: number, subject: number): Pair {
    const voters = this.#others(observer, subject).map((node) => ({
      node,
      seen: this.sight(observer, node),
      against: this.sight(node, subject),
      voice: this.voice(observer, subject, node),
    }))
    return { observer, subject, sight: this.sight(observer, subject), voters }
  }
}

export const nameOf = (node: number): string => String.fromCharCode('a'.charCodeAt(0) + node)

/** The place of a node among all that are not these. */
const placeAmong = (node: number, without: readonly number[]): number =>
  node - without.filter((other) => other < node).length
