import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

const graceMs = 3_000
const pollMs = 50

const readProcess = (pid, file) => {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8').replaceAll('\0', ' ').trim()
  } catch {
    return '' // It has ended in between, or is not ours to read: then the tests have not started it.
  }
}

/** What the loader of TypeScript keeps between runs, of which there is one a user and not one a test. */
const loaderCache = /^tsx-\d+$/

/** Processes that carry the mark in their environment or their command line, whoever their parent is by now. */
export const marked = (mark) =>
  (existsSync('/proc/self/environ') ? readdirSync('/proc') : [])
    .filter((pid) => /^\d+$/.test(pid) && Number(pid) !== process.pid)
    .map((pid) => ({
      pid: Number(pid),
      command: readProcess(pid, 'cmdline'),
      environment: readProcess(pid, 'environ'),
    }))
    .filter(({ command, environment }) => command.includes(mark) || (command && environment.includes(mark)))

/** What lies at the top of the checkout and where a cluster writes when nobody tells it where. */
export const listCheckout = (root) =>
  [root, join(root, '.covey')]
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))

/**
 * Says what the tests have left: processes, found by the folder they were given for their files, files in it, and
 * files in the checkout that were not there before.
 * An open port needs a process that holds it, and a timer keeps its process from ending, so these two say it all.
 * What is left is given a moment, since a broker ends when it notices that its owner is gone; then it is killed.
 */
export const findLeftBehind = async (folder, root, before) => {
  const deadline = Date.now() + graceMs
  while (marked(folder).length > 0 && Date.now() < deadline) await wait(pollMs)
  const left = marked(folder)
  for (const { pid } of left) process.kill(pid, 'SIGKILL')
  const files = [
    ...readdirSync(folder)
      .filter((name) => !loaderCache.test(name))
      .map((name) => join(folder, name)),
    ...listCheckout(root).filter((path) => !before.includes(path)),
  ]
  return [
    ...left.map(({ pid, command }) => `process ${pid}: ${command}`),
    ...files.map((path) => `file ${path}`),
  ]
}
