import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ListedFile } from './file-list.js'
import type { Table, Tally } from './tally.js'

// The same numbers by other means, so that both can only agree by being right: characters one by one and the classes
// that they belong to, where the workflows use patterns over pieces of text.

const other = 0
const letterOrDigit = 1
const newline = 2

const classOf = (character: string): number => {
  if (character === '\n') return newline
  return /^[\p{Letter}\p{Decimal_Number}]$/u.test(character) ? letterOrDigit : other
}

const classOfAscii = Uint8Array.from({ length: 128 }, (_, code) => classOf(String.fromCharCode(code)))
const classOfRest = new Map<number, number>()

function classOfCode(code: number): number {
  const ascii = classOfAscii[code]
  if (ascii !== undefined) return ascii
  const known = classOfRest.get(code)
  if (known !== undefined) return known
  const found = classOf(String.fromCodePoint(code))
  classOfRest.set(code, found)
  return found
}

/** Counts words and lines of one whole text with a machine of two states: inside a word, and between words. */
export function countPlainText(text: string): { words: number; lines: number } {
  let words = 0
  let lines = 0
  let previous = other
  for (let index = 0; index < text.length; index += 1) {
    const code = text.codePointAt(index) ?? 0
    if (code > 0xffff) index += 1
    const current = classOfCode(code)
    if (current === letterOrDigit && previous !== letterOrDigit) words += 1
    if (current === newline) lines += 1
    previous = current
  }
  return { words, lines }
}

function addTo(table: Map<string, Tally>, extension: string, bytes: number, text: string): void {
  const { words, lines } = countPlainText(text)
  const sum = table.get(extension)
  table.set(extension, {
    files: (sum?.files ?? 0) + 1,
    words: (sum?.words ?? 0) + words,
    lines: (sum?.lines ?? 0) + lines,
    bytes: (sum?.bytes ?? 0) + bytes,
  })
}

/** Counts all listed files in this process, one after the other. */
export async function countPlainly(root: string, files: readonly ListedFile[]): Promise<Table> {
  const table = new Map<string, Tally>()
  for (const { path, extension } of files) {
    const content = await readFile(join(root, path))
    if (content.indexOf(0) === -1) addTo(table, extension, content.length, content.toString('utf8'))
  }
  return Object.fromEntries(table)
}
