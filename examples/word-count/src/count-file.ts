import { createReadStream } from 'node:fs'
import type { Tally } from './tally.js'

const pieceBytes = 128 * 1_024
const word = /[\p{L}\p{Nd}]+/gu
const wordAtStart = /^[\p{L}\p{Nd}]/u
const wordAtEnd = /[\p{L}\p{Nd}]$/u
const newline = /\n/g

function countMatches(pattern: RegExp, text: string): number {
  let matches = 0
  pattern.lastIndex = 0
  while (pattern.test(text)) matches += 1
  return matches
}

/** Counts texts that follow one another as if they were one. */
export function createTextCounter() {
  let words = 0
  let lines = 0
  let insideWord = false
  return {
    add(text: string): void {
      if (text === '') return
      const continued = insideWord && wordAtStart.test(text)
      words += countMatches(word, text) - Number(continued)
      lines += countMatches(newline, text)
      insideWord = wordAtEnd.test(text.slice(-2))
    },
    counts: () => ({ words, lines }),
  }
}

/**
 * Counts one file; one with a NUL byte is no text and is not counted. It is read in small pieces, since a worker
 * that counts a large file in one go could not answer anybody meanwhile. Rejects with the signal's reason.
 */
export async function countFile(path: string, signal: AbortSignal): Promise<Tally | undefined> {
  const counter = createTextCounter()
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  let bytes = 0
  for await (const piece of createReadStream(path, { highWaterMark: pieceBytes }) as AsyncIterable<Buffer>) {
    signal.throwIfAborted()
    if (piece.includes(0)) return undefined
    bytes += piece.length
    counter.add(decoder.decode(piece, { stream: true }))
  }
  counter.add(decoder.decode())
  return { files: 1, bytes, ...counter.counts() }
}
