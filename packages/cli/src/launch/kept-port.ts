import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

const portSchema = z.coerce.number().int().min(1).max(65_535)
const pathIn = (folder: string): string => join(folder, 'broker.port')

/** The port that the broker of a data folder had the last time; `undefined` where that is not known. */
export function readKeptPort(folder: string): number | undefined {
  try {
    return portSchema.parse(readFileSync(pathIn(folder), 'utf8').trim())
  } catch {
    return undefined // None is kept, or what is there is no port: any other is as good.
  }
}

/** Keeps the port of a data folder's broker, so that nodes started elsewhere find the next one at the same address. */
export const keepPort = (folder: string, port: number): void =>
  writeFileSync(pathIn(folder), `${port}\n`, { mode: 0o600 })
