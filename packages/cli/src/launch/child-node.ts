import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CoveyError, errorFromReport, type GoodbyeReason, type Role } from '@covey/protocol'
import { type LaunchOrder, parseNodeWord } from './node-channel.js'

/** One node to start as a process of its own. */
export interface NodePlan {
  readonly name: string
  readonly roles: readonly Role[]
  readonly slots: number
  readonly workflows: readonly string[]
  readonly url: string
  readonly cluster: string
  /** Where `<name>.log` takes what the process writes. */
  readonly logFolder: string
}

/** How a process ended. */
export interface NodeExit {
  readonly name: string
  readonly roles: readonly Role[]
  readonly pid: number
  /** The signal that ended it, or `code N`. */
  readonly how: string
  /** It was told to leave before: nothing is lost. */
  readonly wanted: boolean
}

/** A node that this process has started. */
export interface ChildNode {
  readonly name: string
  readonly roles: readonly Role[]
  readonly pid: number
  /** How it ended; `undefined` while it lives. */
  readonly exit: NodeExit | undefined
  /** Resolves when it takes part; rejects with its own error, or `departed` when it ends before. */
  readonly active: Promise<void>
  readonly exited: Promise<NodeExit>
  leave(reason: GoodbyeReason): void
  kill(signal: NodeJS.Signals): void
}

const mainFile = import.meta.url.endsWith('.ts') ? '../main.ts' : '../main.js'
const program = fileURLToPath(new URL(mainFile, import.meta.url))

const argumentsOf = (plan: NodePlan): string[] => [
  ...process.execArgv,
  program,
  'node',
  ...['--name', plan.name, '--roles', plan.roles.join(','), '--slots', String(plan.slots)],
  ...['--server', plan.url, '--cluster', plan.cluster, '--replace'],
  ...plan.workflows.flatMap((file) => ['--workflows', file]),
]

/** Detached, so that Ctrl-C in a terminal reaches only the launcher, which then lets everybody say goodbye. */
function start(plan: NodePlan): ChildProcess {
  const log = openSync(join(plan.logFolder, `${plan.name}.log`), 'a', 0o600)
  try {
    return spawn(process.execPath, argumentsOf(plan), { detached: true, stdio: ['ignore', log, log, 'ipc'] })
  } finally {
    closeSync(log)
  }
}

const endedEarly = (plan: NodePlan, how: string): CoveyError =>
  new CoveyError('departed', `${plan.name} ended (${how}) before it took part`, {
    address: plan.name,
    mend: `its last words are in ${join(plan.logFolder, `${plan.name}.log`)}`,
  })

/** Starts a node as a process of its own, which ends when this one does. Rejects when no process can be made. */
export async function startChildNode(plan: NodePlan): Promise<ChildNode> {
  const { name, roles } = plan
  const child = start(plan)
  await once(child, 'spawn')
  const pid = child.pid ?? 0
  let exit: NodeExit | undefined
  let wanted = false

  const exited = new Promise<NodeExit>((resolve) => {
    child.once('exit', (code, signal) => {
      exit = { name, roles, pid, how: signal ?? `code ${code}`, wanted }
      resolve(exit)
    })
  })
  const active = new Promise<void>((resolve, reject) => {
    child.on('message', (value) => {
      const word = parseNodeWord(value)
      if (word.kind === 'failed') reject(errorFromReport(word.error))
      else resolve()
    })
    // Its last words may be read after its exit is known: only the closed channel says that there are no more.
    const silent = once(child, 'disconnect')
    void exited.then(async ({ how }) => {
      await silent
      reject(endedEarly(plan, how))
    })
  })
  // Where a sibling could not be started nobody waits for this one: its end is told by `exited` all the same.
  active.catch(() => undefined)

  return {
    name,
    roles,
    pid,
    get exit() {
      return exit
    },
    active,
    exited,
    leave(reason) {
      wanted = true
      const order: LaunchOrder = { kind: 'leave', reason }
      // One that ends just now needs no order: its exit says all.
      if (child.connected) child.send(order, () => undefined)
    },
    kill: (signal) => void child.kill(signal),
  }
}
