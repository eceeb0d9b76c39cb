import { mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { CoveyError } from '@covey/protocol'

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code

/**
 * One level after the other: `recursive` of Node 20 asks for ever below a folder that says of everything new that it is
 * not there, as `/proc` does.
 */
function makeLevel(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 })
  } catch (error) {
    const above = dirname(path)
    if (codeOf(error) === 'EEXIST' && statSync(path).isDirectory()) return
    if (codeOf(error) !== 'ENOENT' || above === path) throw error
    makeLevel(above)
    mkdirSync(path, { mode: 0o700 })
  }
}

/** Makes a folder, and those above it, for its owner only. Throws `folder_unusable`, with the mend, where that cannot be. */
export function makeFolder(
  path: string,
  mend = 'name a folder that this user may write to: --data DIR',
): void {
  try {
    makeLevel(path)
  } catch (cause) {
    throw new CoveyError(
      'folder_unusable',
      `the folder ${path} cannot be made: ${(cause as Error).message}`,
      {
        address: path,
        mend,
        cause,
      },
    )
  }
}
