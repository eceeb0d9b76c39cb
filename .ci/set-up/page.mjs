import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { runNode } from '../processes.mjs'
import { changedMs, newestBelow } from './newest.mjs'

/** Builds the inspector's page when one of its files, or what it is built with, is newer than what was built. */
export const ensurePage = async (root, say) => {
  const folder = join(root, 'packages/inspector')
  const built = join(folder, 'dist/page/index.html')
  const newest = Math.max(newestBelow(join(folder, 'page')), changedMs(join(root, 'package-lock.json')))
  if (existsSync(built) && changedMs(built) > newest) return
  const { code, output } = await runNode(join(folder, 'page/build.mjs'), [], { cwd: folder })
  if (code === 0) return
  say(`the inspector's page could not be built\n${output.trim().split('\n').slice(-20).join('\n')}`)
  throw new Error('What to do: correct the errors above, `npm run build` shows them again')
}
