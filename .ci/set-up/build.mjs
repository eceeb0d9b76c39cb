import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { runNode, seconds } from '../processes.mjs'

/** What users and the scripts of package.json run. The rest of the workspaces is built because these refer to it; tests are not. */
const products = [
  'packages/cli',
  'packages/bench',
  'packages/checker',
  'examples/greeting',
  'examples/word-count',
]
const silentMs = 3_000

/** Builds what has changed since the last build; the compiler itself knows what that is. */
export const ensureBuild = async (root, say) => {
  if (!existsSync(join(root, 'packages/cli/dist'))) say('building')
  const compiler = join(root, 'node_modules/typescript/bin/tsc')
  const result = await runNode(compiler, ['-b', ...products], { cwd: root })
  if (result.code !== 0)
    throw new Error(
      `the build failed\n${result.output.trim()}\nWhat to do: correct the errors above, \`npm run build\` shows them again`,
    )
  if (result.elapsedMs > silentMs) say(`built (${seconds(result.elapsedMs)})`)
}
