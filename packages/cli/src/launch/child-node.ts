import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { CoveyError, errorFromReport, type GoodbyeReason, type Profile, type Role } from '@covey/protocol'
import type { KeepingOptions, LoadOptions } from 'covey'
import { type MetricsOptions, nodeFlags } from 'covey'
import { withoutAccess } from '../wanted-access.js'
import { metricsPlace } from '../wanted-metrics.js'
import { type LaunchOrder, type NodeWord, readNodeWord } from './node-channel.js'

/** One node to start as a process of its own. */
export interface NodePlan {
  readonly name: string
  readonly roles: readonly Role[]
  readonly slots: number
  /** Copies of every stream. */
  readonly replicas: 1 | 3
  /** Shards of the cluster, where the user has asked for a number. */
  readonly shards?: number
  readonly workflows: readonly string[]
  readonly url: string
  readonly cluster: string
  /** Where it serves its metrics, if it is to. */
  readonly metrics?: MetricsOptions
  readonly profile?: Profile
  /** Of managers in this process: those in one of their own read it from their environment. */
  readonly keeping?: KeepingOptions & LoadOptions
  /** Where `<name>.log` takes what the process writes. */
  readonly logFolder: string
}

/** How a process ended. */
export interface NodeExit {
  readonly name: string
  readonly roles: readonly Role[]
  readonly pid: number
  /** The id of the run that ended, as its facts have it; `undefined` where it ended before it had one. */
  readonly bootId: string | undefined
  /** The signal that ended it, or `code N`. */
  readonly how: string
  /** It was told to leave before: nothing is lost. */
  readonly wanted: boolean
  /** It has left its cluster by itself, which its own fact says: workflow code that ends the process does not do that. */
  readonly left: boolean
  /** What it gave as the reason of its end. */
  readonly error: CoveyError | undefined
}

/** A node that this process has started. */
export interface ChildNode {
  readonly name: string
  readonly roles: readonly Role[]
  readonly pid: number
  /** Where it serves its metrics, once it does. */
  readonly metricsUrl: string | undefined
  /** Its process has not ended. */
  readonly isLive: boolean
  /** Resolves when it takes part; rejects with its own error, or `departed` when it ends before. */
  readonly active: Promise<void>
  readonly exited: Promise<NodeExit>
  leave(reason: GoodbyeReason): void
  kill(signal: NodeJS.Signals): void
}

const argumentsOf = (plan: NodePlan): string[] => [
  ...nodeFlags,
  // After ours: the user's own word has precedence.
  ...process.execArgv,
  createRequire(import.meta.url).resolve('#command'),
  'node',
  ...['--name', plan.name, '--roles', plan.roles.join(','), '--slots', String(plan.slots)],
  ...['--server', plan.url, '--cluster', plan.cluster, '--replace'],
  ...['--replicas', String(plan.replicas)],
  ...['--metrics', metricsPlace(plan.metrics)],
  ...(plan.shards === undefined ? [] : ['--shards', String(plan.shards)]),
  ...(plan.profile === undefined ? [] : ['--profile', plan.profile]),
  ...plan.workflows.flatMap((file) => ['--workflows', file]),
]

/** Detached, so that Ctrl-C in a terminal reaches only the launcher, which then lets everybody say goodbye. */
function start(plan: NodePlan): ChildProcess {
  const log = openSync(join(plan.logFolder, `${plan.name}.log`), 'a', 0o600)
  try {
    const { token } = plan.metrics ?? {}
    const environment = withoutAccess(process.env)
    const env = token === undefined ? environment : { ...environment, COVEY_METRICS_TOKEN: token }
    return spawn(process.execPath, argumentsOf(plan), {
      ...{ detached: true, stdio: ['ignore', log, log, 'ipc'], env },
    })
  } finally {
    closeSync(log)
  }
}

const endedEarly = (plan: NodePlan, how: string): CoveyError =>
  new CoveyError('departed', `${plan.name} ended (${how}) before it took part`, {
    address: plan.name,
    mend: `its last words are in ${join(plan.logFolder, `${plan.name}.log`)}`,
  })

/**
 * Ends what a node that is gone has left running, such as the processes of its isolated workflows, also stopped ones: its
 * work begins elsewhere as soon as its exit is told.
 */
function endGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch (error) {
    // Nobody is left in its group, or nobody but zombies.
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'ESRCH' && code !== 'EPERM') throw error
  }
}

type Words = { -readonly [Kind in NodeWord['kind']]?: Extract<NodeWord, { readonly kind: Kind }> }

/** Keeps the newest word of each kind, and calls back for each. */
function gatherWords(child: ChildProcess, onWord: (word: NodeWord) => void): Words {
  const words: Words = {}
  child.on('message', (value) => {
    const word = readNodeWord(value)
    if (word === undefined) return
    Object.assign(words, { [word.kind]: word })
    onWord(word)
  })
  return words
}

/** Starts a node as a process of its own, which ends when this one does. Rejects when no process can be made. */
export async function startChildNode(plan: NodePlan): Promise<ChildNode> {
  const { name, roles } = plan
  const child = start(plan)
  await once(child, 'spawn')
  const pid = child.pid ?? 0
  let wanted = false
  const isLive = (): boolean => child.exitCode === null && child.signalCode === null

  let settle: { resolve(): void; reject(error: CoveyError): void } | undefined
  const active = new Promise<void>((resolve, reject) => {
    settle = { resolve, reject }
  })
  // Where a sibling could not be started nobody waits for this one: its end is told by `exited` all the same.
  active.catch(() => undefined)
  const words = gatherWords(child, (word) => {
    if (word.kind === 'active') settle?.resolve()
    else if (word.kind === 'failed') settle?.reject(errorFromReport(word.error))
  })
  // Its last words may be read after its exit is known: only the closed channel says that there are no more.
  const silent = new Promise((resolve) => child.once('disconnect', resolve))
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => {
      endGroup(pid)
      resolve()
    })
  })
  const exited = Promise.all([ended, silent]).then((): NodeExit => {
    const how = child.signalCode ?? `code ${child.exitCode}`
    settle?.reject(endedEarly(plan, how))
    const error = words.failed && errorFromReport(words.failed.error)
    return {
      name,
      roles,
      pid,
      bootId: words.started?.bootId,
      how,
      wanted,
      left: words.left !== undefined,
      error,
    }
  })

  return {
    name,
    roles,
    pid,
    get metricsUrl() {
      return words.started?.metricsUrl
    },
    get isLive() {
      return isLive()
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
