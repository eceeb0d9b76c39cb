import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { type Clock, delay, findBrokerBinary } from '@covey/transport'
import { freeBytesMin, freeBytesOf, gibibytes } from '../free-space.js'
import { type Finding, failed, findingOf, ok } from './finding.js'

const nodeOldest = [20, 19] as const
const brokerOldest = [2, 9] as const
const timerMs = 50
const timerLateMaxMs = 50

const isAtLeast = (version: string, [major, minor]: readonly [number, number]): boolean => {
  const [foundMajor = 0, foundMinor = 0] = version.split('.').map(Number)
  return foundMajor > major || (foundMajor === major && foundMinor >= minor)
}

/** The Node that runs this. */
export function checkNode(version: string = process.versions.node): Finding {
  if (isAtLeast(version, nodeOldest)) return ok('node', version)
  return failed(
    'node',
    `${version} is older than ${nodeOldest.join('.')}`,
    'install a newer Node: https://nodejs.org',
  )
}

/** The broker that `covey up` would start. */
export async function checkBrokerBinary(): Promise<Finding> {
  try {
    const binary = findBrokerBinary()
    const { stdout } = await promisify(execFile)(binary, ['--version'])
    const version = /v(\d+\.\d+\.\d+\S*)/.exec(stdout)?.[1] ?? ''
    if (isAtLeast(version, brokerOldest)) return ok('nats-server', `${version} at ${binary}`)
    const what = `${stdout.trim()} at ${binary} is older than ${brokerOldest.join('.')}`
    return failed('nats-server', what, 'install a newer one, or name it in COVEY_NATS_SERVER')
  } catch (error) {
    return findingOf('nats-server', error)
  }
}

/** Room for the streams of a broker of our own. */
export async function checkFreeSpace(folder: string): Promise<Finding> {
  const bytes = await freeBytesOf(folder)
  const detail = `${gibibytes(bytes)} free at ${folder}`
  if (bytes >= freeBytesMin) return ok('free space', detail)
  return failed(
    'free space',
    detail,
    'a full disk stops the broker: make room, or name another folder by --data',
  )
}

/** A machine that is overloaded or suspended cannot keep a lease. */
export async function checkClock(clock: Clock): Promise<Finding> {
  const startedAtMs = clock.now()
  await delay(clock, timerMs)
  const lateMs = Math.round(clock.now() - startedAtMs - timerMs)
  const detail = `a timer of ${timerMs} ms came ${lateMs} ms late`
  if (lateMs <= timerLateMaxMs) return ok('clock', detail)
  return failed('clock', detail, 'the machine is overloaded: heartbeats and leases will be late too')
}
