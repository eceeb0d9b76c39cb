import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

const made = new Set(['dist', 'node_modules'])

export const changedMs = (path) => statSync(path).mtimeMs

/** When the newest of all sources below changed; a folder does when a file in it is added or removed. */
export const newestBelow = (folder) =>
  Math.max(
    changedMs(folder),
    ...readdirSync(folder, { withFileTypes: true }).map((entry) => {
      const path = join(folder, entry.name)
      if (made.has(entry.name)) return 0
      return entry.isDirectory() ? newestBelow(path) : changedMs(path)
    }),
  )
