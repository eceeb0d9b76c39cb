import { randomBytes } from 'node:crypto'

/** Chance, passed in, so that a seeded run repeats bit for bit. */
export interface Random {
  /** A number from 0 (included) to 1 (excluded). */
  next(): number
  /** A fresh id of 128 bits, as 32 hexadecimal digits. */
  id(): string
}

/** The machine's own chance. */
export const systemRandom: Random = {
  next: () => randomBytes(4).readUInt32LE() / 2 ** 32,
  id: () => randomBytes(16).toString('hex'),
}

/** A generator (mulberry32) that gives the same numbers for the same seed. */
export function seededRandom(seed: number): Random {
  let state = seed | 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  const word = (): string =>
    Math.floor(next() * 2 ** 32)
      .toString(16)
      .padStart(8, '0')
  return { next, id: () => word() + word() + word() + word() }
}
