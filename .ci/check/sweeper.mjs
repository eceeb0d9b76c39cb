import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { marked } from './left-behind.mjs'

const self = fileURLToPath(import.meta.url)
const pollMs = 50

/**
 * Starts a process that outlives this one and sees by its pipe that this one has ended, also by kill -9: then it ends
 * whatever was given the folder for its files, and removes the folder. Where /proc is missing it only removes it.
 * In a process group of its own, since a Ctrl-C goes to all of ours.
 */
export const startSweeper = (folder) => {
  const sweeper = spawn(process.execPath, [self, folder], {
    stdio: ['pipe', 'ignore', 'inherit'],
    detached: true,
  })
  sweeper.unref()
  sweeper.stdin.unref()
}

const endAll = (pids) => {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch (error) {
      if (error.code !== 'ESRCH') throw error
    }
  }
}

/** Looks again after a kill: what is killed may just have started something. */
const sweep = async (folder) => {
  for (let found = marked(folder); found.length > 0; found = marked(folder)) {
    endAll(found.map(({ pid }) => pid))
    await wait(pollMs)
  }
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
}

if (process.argv[1] === self) {
  process.stdin.resume()
  process.stdin.once('close', () => void sweep(process.argv[2]))
}
