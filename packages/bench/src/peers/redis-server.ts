import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { systemClock } from '@covey/transport'
import type { ChildOrder, Close } from '../process/child-role.js'
import type { FoundRedis } from './left-out.js'
import { versionIn } from './version.js'

const program = 'redis-server'
const stopGraceMs = 3_000
const wordsMax = 2_000

/**
 * What BullMQ advises for production: every write goes to an append-only file, which is synced each second, and nothing is
 * evicted. Snapshots are off, which would be a second copy.
 */
const durable = [
  ...['--appendonly', 'yes', '--appendfsync', 'everysec'],
  ...['--maxmemory-policy', 'noeviction', '--save', ''],
]

/** Looks for redis-server on the PATH. */
export async function findRedis(): Promise<FoundRedis> {
  try {
    const { stdout } = await promisify(execFile)(program, ['--version'])
    return versionIn(stdout) ?? 'unknown'
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Resolves when it takes connections; rejects with its words when it ends before that. */
function hasBegun(server: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let words = ''
    server.stdout?.on('data', (part: Buffer) => {
      words = (words + part.toString()).slice(-wordsMax)
      if (words.includes('Ready to accept connections')) resolve()
    })
    server.once('error', reject)
    server.once('exit', () => reject(new Error(`redis-server ended; it said:\n${words}`)))
  })
}

async function end(server: ChildProcess, folder: string): Promise<void> {
  if (server.exitCode === null && server.signalCode === null) {
    const exited = once(server, 'exit')
    const timer = systemClock.setTimeout(() => server.kill('SIGKILL'), stopGraceMs)
    server.kill('SIGTERM')
    await exited
    systemClock.clearTimeout(timer)
  }
  await rm(folder, { recursive: true, force: true })
}

/**
 * Starts redis-server at the port of its URL, on a temporary folder. The process that does so ends it when who measures
 * is gone, however that ended.
 */
export async function startRedisServer({ server: url }: ChildOrder): Promise<Close> {
  const { hostname, port } = new URL(url)
  const folder = await mkdtemp(join(tmpdir(), 'covey-redis-'))
  const place = ['--bind', hostname, '--port', port, '--dir', folder, '--daemonize', 'no']
  // A group of its own: Ctrl-C of the terminal is not for it.
  const server = spawn(program, [...place, ...durable], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  })
  try {
    await hasBegun(server)
  } catch (error) {
    await end(server, folder)
    throw error
  }
  return () => end(server, folder)
}
