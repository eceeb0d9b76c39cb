#!/usr/bin/env node
// What `npm run soak` is: the fuzzers of test/fuzz with a million frames, or as many as FUZZ_FRAMES says. It takes
// minutes. Words after `npm run soak --` go to mocha; SEED=7 makes other frames.
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onInterruption, runNode } from './processes.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
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
    ...process.argv.slice(2),
  ],
  { cwd: root, env: { ...process.env, FUZZ_FRAMES }, show: true },
)
process.exitCode = code
