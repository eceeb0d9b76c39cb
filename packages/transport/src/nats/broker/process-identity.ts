import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

const startTimeField = 22
const fieldsBeforeState = 2

async function linuxIdentity(pid: number): Promise<string | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
    // The second field is the program's name in brackets, which may contain anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const [state] = fields
    if (state === 'Z' || state === 'X') return undefined
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8')
    return `${boot.trim()} ${fields[startTimeField - fieldsBeforeState - 1]}`
  } catch {
    return undefined // The process has no folder: it is gone.
  }
}

async function unixIdentity(pid: number): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'stat=,lstart=', '-p', String(pid)])
    const [, state = '', started = ''] = /^(\S+)\s+(.*)$/.exec(stdout.trim()) ?? []
    return state.startsWith('Z') || started === '' ? undefined : started
  } catch {
    return undefined // `ps` ends with 1 when there is no such process.
  }
}

function plainIdentity(pid: number): string | undefined {
  try {
    process.kill(pid, 0)
    return 'alive'
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' ? 'alive' : undefined
  }
}

/**
 * What tells a process from a later one with the same pid: when it was started. `undefined` when there is none, or it
 * has ended and is only not yet reaped. Where the system does not tell (Windows), only that it is alive.
 */
function processIdentity(pid: number): Promise<string | undefined> {
  if (process.platform === 'linux') return linuxIdentity(pid)
  return process.platform === 'win32' ? Promise.resolve(plainIdentity(pid)) : unixIdentity(pid)
}

/** One process, known by pid and start. */
export interface KnownProcess {
  readonly pid: number
  readonly identity: string
}

/** Remembers a process; `undefined` when it has already ended. */
export async function knowProcess(pid: number): Promise<KnownProcess | undefined> {
  const identity = await processIdentity(pid)
  return identity === undefined ? undefined : { pid, identity }
}

/** Says whether that very process still runs. */
export const isRunning = async ({ pid, identity }: KnownProcess): Promise<boolean> =>
  (await processIdentity(pid)) === identity

/** Signals that very process; nothing happens when it has ended. */
export async function signalProcess(known: KnownProcess, signal: NodeJS.Signals): Promise<void> {
  if (!(await isRunning(known))) return
  try {
    process.kill(known.pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
