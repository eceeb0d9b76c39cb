/**
 * A reader of MessagePack by its specification, for what frames may hold: no extension, no record. Written apart from
 * the library that writes them, as a reader in another language would be.
 */
export function readPlain(bytes: Uint8Array): unknown {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = 0
  const take = (length: number): number => {
    at += length
    return at - length
  }
  const unsigned = (length: 1 | 2 | 4): number =>
    ({ 1: () => view.getUint8(take(1)), 2: () => view.getUint16(take(2)), 4: () => view.getUint32(take(4)) })[
      length
    ]()
  const text = (length: number): string =>
    new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(take(length), at))
  const list = (length: number): unknown[] => Array.from({ length }, () => value())
  const map = (length: number): Record<string, unknown> =>
    Object.fromEntries(Array.from({ length }, () => [key(), value()]))
  const key = (): string => {
    const found = value()
    if (typeof found !== 'string') throw new Error(`a key is ${typeof found}`)
    return found
  }
  const marked: Record<number, () => unknown> = {
    192: () => null,
    194: () => false,
    195: () => true,
    196: () => bytes.slice(take(unsigned(1)), at),
    202: () => view.getFloat32(take(4)),
    203: () => view.getFloat64(take(8)),
    204: () => unsigned(1),
    205: () => unsigned(2),
    206: () => unsigned(4),
    217: () => text(unsigned(1)),
    218: () => text(unsigned(2)),
    220: () => list(unsigned(2)),
    222: () => map(unsigned(2)),
  }
  function value(): unknown {
    const first = unsigned(1)
    if (first < 128) return first
    if (first < 144) return map(first - 128)
    if (first < 160) return list(first - 144)
    if (first < 192) return text(first - 160)
    const read = marked[first]
    if (read === undefined) throw new Error(`the type ${first.toString(16)} is not in plain frames`)
    return read()
  }
  const found = value()
  if (at !== bytes.byteLength) throw new Error(`${bytes.byteLength - at} bytes follow`)
  return found
}
