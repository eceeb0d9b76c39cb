import { readFileSync, statSync } from 'node:fs'

/**
 * Checks that a path names a file that has an end: a pipe or a device would be read for ever. Throws an error that says
 * what it is instead, or why it cannot be looked at.
 */
export function checkRegularFile(path: string, bytesMax = Number.POSITIVE_INFINITY): void {
  const stats = statSync(path)
  if (stats.isDirectory()) throw new Error('it is a folder, not a file')
  if (!stats.isFile()) throw new Error('it is not a regular file')
  if (stats.size > bytesMax) throw new Error(`it has ${stats.size} bytes, the limit is ${bytesMax}`)
}

/** Reads a text file that {@link checkRegularFile} takes, without the mark that editors of Windows put first. */
export function readTextFile(path: string, bytesMax: number): string {
  checkRegularFile(path, bytesMax)
  return readFileSync(path, 'utf8').replace(/^\uFEFF/, '')
}
