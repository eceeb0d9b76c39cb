import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { type Clock, delay, findBrokerBinary } from '@covey/transport'
import { loadWorkflows } from '../workflow-modules.js'
import { type Check, fail, ok, type Verdict, warn } from './finding.js'

/** What is looked at of a machine, whether or not there is a cluster. */
export interface MachineGround {
  /** The folder that the command was called in. */
  readonly folder: string
  /** Modules of workflows, relative to it. */
  readonly workflows: readonly string[]
  readonly clock: Clock
  readonly nodeVersion: string
  readonly environment: NodeJS.ProcessEnv
  /** The limit of open files as the shell tells it: a number, or `unlimited`. */
  readonly openFiles: () => Promise<string>
}

const run = promisify(execFile)
const programDeadlineMs = 5_000
const nodeOldest = [20, 19] as const
const brokerOldest = [2, 9] as const
const openFilesMin = 256
const openFilesEnough = 1_024
const timerMs = 50
const timerLateMaxMs = 50
const thisMachine = 'this machine'

const isAtLeast = (version: string, [major, minor]: readonly [number, number]): boolean => {
  const [foundMajor = 0, foundMinor = 0] = version.split('.').map(Number)
  return foundMajor > major || (foundMajor === major && foundMinor >= minor)
}

/** The limit that what this process starts will have: Node raises its own to what it may have at most. */
export async function openFilesOfShell(): Promise<string> {
  if (process.platform === 'win32') return 'unlimited'
  const { stdout } = await run('sh', ['-c', 'ulimit -n'], { timeout: programDeadlineMs })
  return stdout.trim()
}

function lookAtNode({ nodeVersion }: MachineGround): Verdict {
  if (isAtLeast(nodeVersion, nodeOldest)) return ok(nodeVersion)
  const what = `Node ${nodeVersion} is older than ${nodeOldest.join('.')}`
  return fail(what, process.execPath, 'install a newer Node: https://nodejs.org')
}

async function lookAtBrokerBinary({ environment }: MachineGround): Promise<Verdict> {
  const binary = findBrokerBinary(undefined, environment)
  const mend = 'install nats-server 2.9 or newer, or name it in COVEY_NATS_SERVER'
  const { stdout } = await run(binary, ['--version'], { timeout: programDeadlineMs }).catch(
    (error: unknown) => ({ stdout: String(error) }),
  )
  const version = /nats-server:? v(\d+\.\d+\.\d+\S*)/.exec(stdout)?.[1]
  if (version === undefined)
    return fail(`it is no nats-server: it says ${JSON.stringify(stdout.trim().slice(0, 200))}`, binary, mend)
  if (isAtLeast(version, brokerOldest)) return ok(version, binary)
  return fail(`nats-server ${version} is older than ${brokerOldest.join('.')}`, binary, mend)
}

async function lookAtOpenFiles({ openFiles }: MachineGround): Promise<Verdict> {
  const limit = await openFiles()
  const isLess = (than: number): boolean => Number(limit) < than
  const detail = `${limit} open files a process`
  if (!isLess(openFilesEnough)) return ok(detail)
  const mend = `raise it before covey up: ulimit -n ${openFilesEnough * 4}`
  return (isLess(openFilesMin) ? fail : warn)(`only ${detail}`, thisMachine, mend)
}

/** A machine that is overloaded or suspended cannot keep a lease. */
async function lookAtTimers({ clock }: MachineGround): Promise<Verdict> {
  const startedAtMs = clock.now()
  await delay(clock, timerMs)
  const lateMs = Math.round(clock.now() - startedAtMs - timerMs)
  const detail = `a timer of ${timerMs} ms came ${lateMs} ms late`
  if (lateMs <= timerLateMaxMs) return ok(detail)
  const mend = 'the machine is overloaded: heartbeats and leases will be late too; end what takes its time'
  return warn(detail, thisMachine, mend)
}

/** Loads the modules as a worker would: that runs their code. */
async function lookAtWorkflows({ folder, workflows }: MachineGround): Promise<Verdict | undefined> {
  if (workflows.length === 0) return undefined
  const loaded = await loadWorkflows(folder, workflows)
  return ok(loaded.map(({ name, policy }) => `${name} ${policy.version}`).join(', '), workflows.join(', '))
}

/** What a machine needs for nodes and a broker to run on it. */
export const machineChecks: readonly Check<MachineGround>[] = [
  { name: 'node', look: lookAtNode },
  { name: 'nats-server', look: lookAtBrokerBinary },
  { name: 'open files', look: lookAtOpenFiles },
  { name: 'timers', look: lookAtTimers },
  { name: 'workflows', look: lookAtWorkflows },
]
