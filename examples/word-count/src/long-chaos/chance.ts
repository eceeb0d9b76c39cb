import { createHash } from 'node:crypto'

/** Numbers from 0 (included) to 1 (excluded), the same for the same seed. */
export function chanceOf(seed: number | string): () => number {
  let drawn = 0
  return () => {
    drawn += 1
    return createHash('sha256').update(`${seed}/${drawn}`).digest().readUInt32LE() / 2 ** 32
  }
}
