import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** What an owner says once its broker answers. */
interface OwnedBroker {
  readonly pid: number
  readonly url: string
  readonly dataDir: string
}

const running = new Set<ChildProcess>()

/** A process of its own, in a process group of its own as a terminal would make it, that owns a broker. */
export async function spawnOwner(dataDir?: string) {
  const fixture = fileURLToPath(new URL('./broker-owner.fixture.mjs', import.meta.url))
  const args = [fixture, ...(dataDir === undefined ? [] : [dataDir])]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'], detached: true })
  running.add(child)
  const exited = once(child, 'exit').then(([code]) => {
    running.delete(child)
    return code as number | null
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const nextLine = async (): Promise<unknown> => {
    const { value, done } = await lines.next()
    if (done) throw new Error('The owner ended without a word')
    return JSON.parse(value)
  }
  return { pid: child.pid ?? 0, broker: (await nextLine()) as OwnedBroker, nextLine, exited }
}

/** Kills the owners that a failed test has left. */
export function killOwners(): void {
  for (const child of running) child.kill('SIGKILL')
}

/** Says whether a process runs; one that has ended and is not yet reaped does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return !existsSync(`/proc/${pid}/stat`) || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false // No such process, or it has gone between two looks.
  }
}

/** Says whether somebody listens at the address. */
export const isListening = (url: string): Promise<boolean> =>
  new Promise((resolve) => {
    const { hostname, port } = new URL(url)
    const socket = createConnection({ host: hostname, port: Number(port) })
    socket.on('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
