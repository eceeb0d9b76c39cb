import { symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beginCall, type Call, eventually } from './calls.js'
import { recordTerminal } from './recorded-terminal.js'

/** What `covey up --json` says. */
export interface UpDocument {
  readonly cluster: string
  readonly url: string
  readonly pid: number
  readonly file: string | null
  readonly servers: readonly { readonly name: string; readonly pid: number; readonly url: string }[]
  readonly nodes: readonly {
    readonly name: string
    readonly pid: number
    readonly roles: readonly string[]
    readonly metrics: string | null
  }[]
}

/** A cluster that `covey up` runs, its nodes as processes, its launcher in this one. */
export interface LiveCluster {
  readonly folder: string
  readonly up: UpDocument
  readonly call: Call
  /** The process of a node. */
  pidOf(name: string): number
  remove(): void
}

const module = `
import { createServer } from 'node:net'
import { defineWorkflow } from 'covey'
const ended = (signal) => new Promise((_resolve, reject) => {
  signal.addEventListener('abort', () => reject(signal.reason))
})
const define = (name, run, more) => defineWorkflow({ name, version: '1.0.0', run, ...more })
export const greet = define('greet', ({ input }) => 'hello ' + input.who)
export const join = define('join', ({ results }) => Object.values(results).join(', '))
export const fail = define('fail', () => { throw new Error('told to') })
export const wait = define('wait', ({ signal }) => ended(signal))
export const scan = define('scan', () => ({ pdf: new Uint8Array([1, 2, 255]) }))
export const big = define('big', () => 'x'.repeat(300_000))
export const count = define('count', ({ input, statistics }) => {
  for (const ms of input) statistics.histogram('ms').record(ms)
  statistics.counter('orders').add(1234.5)
  statistics.gauge('left').set(-1)
})
export const where = define('where', () => process.pid)
export const poison = define('poison', () => process.exit(0))
export const stray = define('stray', async () => {
  void Promise.reject(new Error('left behind'))
  await new Promise((resolve) => setTimeout(resolve, 100))
  return process.pid
})
export const block = define('block', ({ input, attempt }) => {
  for (const end = Date.now() + input.ms; Date.now() < end; );
  return attempt
})
export const flood = define('flood', async ({ input, progress }) => {
  for (let done = 1; done <= input.reports; done += 1) progress({ done })
  return input.reports
})
export const leak = define('leak', async ({ input }) => {
  for (let left = 0; left < input.handles; left += 1) setInterval(() => undefined, 50)
  createServer().listen(0, '127.0.0.1')
  return process.pid
})
`

/** Starts a cluster in a temporary folder, with the workflows of the module above. */
export async function startLiveCluster(...args: string[]): Promise<LiveCluster> {
  const { folder, remove } = recordTerminal()
  symlinkSync(fileURLToPath(new URL('../../node_modules', import.meta.url)), join(folder, 'node_modules'))
  writeFileSync(join(folder, 'workflows.mjs'), module)
  const call = beginCall(folder, 'up', '--workflows', 'workflows.mjs', '--json', ...args)
  const { printed } = call.terminal
  const over = call.ended.then(({ code, stderr }) => {
    throw new Error(`covey up ended with ${code}: ${stderr}`)
  })
  const line = await Promise.race([over, eventually('the cluster is up', () => printed[0], 40_000)])
  over.catch(() => undefined)
  const up = JSON.parse(line) as UpDocument
  const pidOf = (name: string): number => {
    const node = up.nodes.find((candidate) => candidate.name === name)
    if (node === undefined) throw new Error(`no node ${name}`)
    return node.pid
  }
  return { folder, up, call, pidOf, remove }
}

/** A live cluster of all tests of a suite, started before the first of them; after the last it has to end well. */
export function liveClusterOfSuite(...args: string[]): LiveCluster {
  let started: LiveCluster | undefined
  const live = (): LiveCluster => {
    if (started === undefined) throw new Error('no test of the suite has begun')
    return started
  }
  before(async () => {
    started = await startLiveCluster(...args)
  })
  after(async () => {
    if (started === undefined) return
    started.call.terminal.interrupt()
    const { code, stderr } = await started.call.ended
    started.remove()
    if (code !== 0) throw new Error(`covey up ended with ${code}: ${stderr}`)
  })
  return {
    get folder() {
      return live().folder
    },
    get up() {
      return live().up
    },
    get call() {
      return live().call
    },
    pidOf: (name) => live().pidOf(name),
    remove: () => live().remove(),
  }
}
