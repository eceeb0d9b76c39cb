import { join } from 'node:path'
import { onInterruption, runNode } from '../processes.mjs'

const runSuite = async (root, pattern, words, environment) => {
  onInterruption(() => undefined)
  const { code } = await runNode(
    join(root, 'node_modules/mocha/bin/mocha.js'),
    [
      '--no-config',
      '--node-option=conditions=source',
      '--node-option=import=tsx',
      '--timeout=10000',
      '--check-leaks',
      pattern,
      ...words,
    ],
    { cwd: root, env: { ...process.env, ...environment }, show: true },
  )
  return code
}

/** Suites that take minutes, by the word that asks for them. The words after it go to mocha. */
export const suites = {
  /** The fuzzers of test/fuzz with a million frames, or as many as FUZZ_FRAMES says; SEED=7 makes other frames. */
  fuzz: (root, words) =>
    runSuite(root, 'test/fuzz/*.test.ts', words, { FUZZ_FRAMES: process.env.FUZZ_FRAMES ?? '1000000' }),
  /** What needs three nats-servers that are one broker: they take seconds to agree each time that one is killed. */
  servers: (root, words) => runSuite(root, 'test/replicated/*.soak.ts', words, {}),
}
