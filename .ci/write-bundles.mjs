#!/usr/bin/env node
// Bundles the packages whose sources have changed: a part of a build, beside the compiler.
import { fileURLToPath } from 'node:url'
import { ensureBundles } from './set-up/bundles.mjs'
import { holdLock } from './set-up/lock.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const release = await holdLock(root, (words) => console.error(words))
try {
  await ensureBundles(root)
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
} finally {
  release()
}
