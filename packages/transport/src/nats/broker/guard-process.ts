import { type ChildProcess, spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import { type Clock, delay } from '../../clock.js'
import { brokerEnvironment } from './broker-environment.js'
import { isRunning, type KnownProcess, knowProcess, signalProcess } from './process-identity.js'

/** What the guard is told. */
export interface GuardOrder {
  readonly binary: string
  readonly configPath: string
  /** The file that the broker's words go to. */
  readonly wordsPath: string
  /** Between asking the broker to end and killing it. */
  readonly graceMs: number
  /** Removed once the broker has been ended; kept when absent. */
  readonly temporaryDir?: string
  readonly clock: Clock
}

/** A running guard with its broker. */
export interface Guard {
  readonly guard: KnownProcess
  readonly server: KnownProcess
  /** Resolves when the broker has ended, by whatever cause, with its exit code if it is known. */
  readonly ended: Promise<number | null>
  /** Asks for the end; `ended` tells when it is there. */
  end(): void
}

const pollIntervalMs = 25

function spawnGuard(order: GuardOrder): ChildProcess {
  const { binary, configPath, wordsPath, graceMs, temporaryDir = '' } = order
  const guard = createRequire(import.meta.url).resolve('#broker-guard')
  return spawn(process.execPath, [guard, binary, configPath, wordsPath, String(graceMs), temporaryDir], {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    detached: true,
    windowsHide: true,
    // Options for the owner's Node, such as a loader, are not the guard's.
    env: { ...brokerEnvironment(process.env, availableParallelism()), NODE_OPTIONS: '' },
  })
}

/** Resolves with the broker's pid as the guard tells it, or nothing when the guard ends before. */
const awaitPid = (child: ChildProcess): Promise<number | undefined> =>
  new Promise((resolve) => {
    child.once('message', (message) => resolve((message as { pid?: number }).pid))
    child.once('exit', () => resolve(undefined))
    child.once('error', () => resolve(undefined))
  })

const awaitExit = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve) => {
    child.once('exit', resolve)
    child.once('error', () => resolve(null))
  })

/** Ends a broker whose guard was killed, which can no longer do it. */
async function endOrphan(server: KnownProcess, { clock, graceMs }: GuardOrder): Promise<void> {
  const killAtMs = clock.now() + graceMs
  await signalProcess(server, 'SIGTERM')
  while (await isRunning(server)) {
    if (clock.now() >= killAtMs) await signalProcess(server, 'SIGKILL')
    await delay(clock, pollIntervalMs)
  }
}

/** Starts the guard, which starts the broker; `undefined` when either ended at once. */
export async function startGuard(order: GuardOrder): Promise<Guard | undefined> {
  const child = spawnGuard(order)
  const exited = awaitExit(child)
  const serverPid = await awaitPid(child)
  const guard = child.pid === undefined ? undefined : await knowProcess(child.pid)
  const server = serverPid === undefined ? undefined : await knowProcess(serverPid)
  if (guard === undefined || server === undefined) {
    // Nobody is told to end: a server that is gone ends its guard, and a guard that is told takes its words with it.
    await exited
    return undefined
  }
  return {
    guard,
    server,
    ended: exited.then(async (code) => {
      await endOrphan(server, order)
      return code
    }),
    end() {
      if (child.connected) child.disconnect()
    },
  }
}
