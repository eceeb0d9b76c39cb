import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * `npm start` ends in `exec node ...`: no shell then stands between npm and the program, and what npm is told by a
 * signal reaches the program too. The shell of Windows has no such word; there npm finds it as a file.
 */
export const ensureExec = (root) => {
  if (process.platform === 'win32') writeFileSync(join(root, 'node_modules/.bin/exec.cmd'), '@%*\r\n')
}
