import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CoveyError } from '@covey/protocol'
import { z } from 'zod'

const portSchema = z.coerce.number().int().min(1).max(65_535)
const pathIn = (folder: string): string => join(folder, 'broker.port')

/** The port that the broker of a data folder had the last time; `undefined` where that is not known. */
export function readKeptPort(folder: string): number | undefined {
  const path = pathIn(folder)
  if (!existsSync(path)) return undefined
  // What is there and is no port is as good as none.
  return portSchema.safeParse(readFileSync(path, 'utf8').trim()).data
}

/** Keeps the port of a data folder's broker, so that nodes started elsewhere find the next one at the same address. Throws `folder_unusable`. */
export function keepPort(folder: string, port: number): void {
  try {
    writeFileSync(pathIn(folder), `${port}\n`, { mode: 0o600 })
  } catch (cause) {
    throw new CoveyError(
      'folder_unusable',
      `${pathIn(folder)} cannot be written: ${(cause as Error).message}`,
      {
        address: folder,
        mend: 'make room, or name a folder that this user may write to: --data DIR',
        cause,
      },
    )
  }
}
