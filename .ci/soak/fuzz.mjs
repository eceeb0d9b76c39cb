import { join } from 'node:path'
import { onInterruption, runNode } from '../processes.mjs'

/** The fuzzers of test/fuzz with a million frames, or as many as FUZZ_FRAMES says. It takes minutes; SEED=7 makes other frames. */
export const fuzz = async (root, words) => {
  const { FUZZ_FRAMES = '1000000' } = process.env
  onInterruption(() => undefined)
  const { code } = await runNode(
    join(root, 'node_modules/mocha/bin/mocha.js'),
    [
      '--no-config',
      '--node-option=conditions=source',
      '--node-option=import=tsx',
      '--timeout=10000',
      '--check-leaks',
      'test/fuzz/*.test.ts',
      ...words,
    ],
    { cwd: root, env: { ...process.env, FUZZ_FRAMES }, show: true },
  )
  return code
}
