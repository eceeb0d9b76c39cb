import { limits, type MemberRecord } from '@covey/protocol'

const prime = 0x0100_0193
const basis = 0x811c_9dc5

/** FNV-1a: spreads, and is the same everywhere; whoever wants to collide gains nothing but a late repair. */
function hashOf(text: string): number {
  let hash = basis
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), prime) >>> 0
  }
  return hash
}

/** The sum in which a name is counted. */
export const digestPlace = (node: string): number => hashOf(node) % limits.digestSums

const shareOf = ({ node, generation, phase, incarnation }: MemberRecord): number =>
  hashOf(`${node} ${generation} ${phase} ${incarnation}`)

/**
 * What one node knows of all who take part, as a few sums, kept as it changes: two nodes compare views of any size by
 * them. Order and repetition cannot matter, since a record is in its sum or is not.
 */
export class ViewDigest {
  readonly #sums = Array<number>(limits.digestSums).fill(0)
  readonly #shares = new Map<string, number>()
  #sum = 0

  /** Everything in one sum. */
  get sum(): number {
    return this.#sum
  }

  get sums(): readonly number[] {
    return this.#sums
  }

  /** A name is as its record says; `undefined` where it takes no part. */
  note(node: string, record: MemberRecord | undefined): void {
    const share = record === undefined ? 0 : shareOf(record)
    const held = this.#shares.get(node) ?? 0
    if (share === held) return
    const place = digestPlace(node)
    this.#sum = (this.#sum ^ held ^ share) >>> 0
    this.#sums[place] = ((this.#sums[place] ?? 0) ^ held ^ share) >>> 0
    if (record === undefined) this.#shares.delete(node)
    else this.#shares.set(node, share)
  }

  /** The places in which another node has another sum. */
  differing(sums: readonly number[]): number[] {
    const places: number[] = []
    this.#sums.forEach((sum, place) => {
      if (sum !== sums[place]) places.push(place)
    })
    return places
  }
}
