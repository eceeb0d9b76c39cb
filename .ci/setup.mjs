#!/usr/bin/env node
// Makes a fresh clone ready: dependencies, build, nats-server. Quiet when there is nothing to do; all words go
// to stderr, so that a command behind `&&` owns stdout. Exit code 4 says that the set-up failed.
//   --no-build   leaves the compiler and the bundles to the caller, who wants to report an error by himself.
//   --browser    also finds or installs Chromium, for tests of the inspector's page.
import { fileURLToPath } from 'node:url'

const oldest = [20, 19]
const [major, minor] = process.versions.node.split('.').map(Number)
if (major < oldest[0] || (major === oldest[0] && minor < oldest[1])) {
  console.error(
    `covey set-up: Node ${process.versions.node} is too old, ${oldest.join('.')} or newer is needed: https://nodejs.org`,
  )
  process.exit(4)
}

// Loaded late, because the check above must also run where the modules do not.
const { holdLock } = await import('./set-up/lock.mjs')
const { ensureDependencies } = await import('./set-up/dependencies.mjs')
const { ensureBuild } = await import('./set-up/build.mjs')
const { ensureBundles } = await import('./set-up/bundles.mjs')
const { ensureBroker } = await import('./set-up/broker.mjs')
const { ensureBrowser } = await import('./set-up/browser.mjs')
const { ensureExec } = await import('./set-up/exec.mjs')
const { movingWords } = await import('./set-up/moving-words.mjs')
const { ensurePage } = await import('./set-up/page.mjs')

const root = fileURLToPath(new URL('..', import.meta.url))
const { say, stop } = movingWords(process.stderr, 'covey set-up: ')

try {
  const release = await holdLock(root, say)
  try {
    await ensureDependencies(root, say)
    ensureExec(root)
    if (!process.argv.includes('--no-build')) {
      await ensureBuild(root, say)
      await ensureBundles(root)
    }
    await ensurePage(root, say)
    await ensureBroker(say)
    if (process.argv.includes('--browser')) await ensureBrowser(say)
  } finally {
    release()
  }
} catch (error) {
  say(error.message)
  process.exitCode = 4
} finally {
  stop()
}
