import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Undo } from './undo.js'

/** Starts a program in a class of the scheduler; every Linux has it. */
const scheduler = 'chrt'

/** Turns in circles, and looks whether who started it is still there. */
const spin = `const parent = process.ppid
for (;;) {
  for (let turn = 0; turn < 50_000_000; turn += 1);
  if (process.ppid !== parent) process.exit()
}`

/**
 * Keeps cores awake by a process for each that runs only where nothing else wants to (Linux, `SCHED_IDLE`). A virtual
 * core that sleeps is woken by its host, which takes longer than a whole message; a server that is set for latency
 * never sleeps. Rejects where the scheduler of this system knows no such class.
 */
export async function keepCoresAwake(cores: number): Promise<Undo> {
  const spinners = Array.from({ length: cores }, () =>
    spawn(scheduler, ['--idle', '0', process.execPath, '--eval', spin], { stdio: 'ignore' }),
  )
  await Promise.all(spinners.map(hasBegun))
  return () => Promise.all(spinners.map(end))
}

async function hasBegun(spinner: ChildProcess): Promise<void> {
  try {
    await once(spinner, 'spawn')
  } catch (cause) {
    throw new Error('--awake needs chrt (Linux, package util-linux)', { cause })
  }
}

async function end(spinner: ChildProcess): Promise<void> {
  if (spinner.exitCode !== null || spinner.signalCode !== null) return
  const ended = once(spinner, 'exit')
  spinner.kill('SIGKILL')
  await ended
}
