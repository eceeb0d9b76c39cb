import { setTimeout as wait } from 'node:timers/promises'
import type { LaunchedCluster } from '@covey/cli'
import type { Strike } from './draw-strikes.js'

type Struck = Pick<LaunchedCluster, 'nodes' | 'servers' | 'kill'>

/** What was done to a cluster. */
export interface Blows {
  kills: number
  freezes: number
  /** Servers of the broker that were killed; the only one is the broker. */
  brokerKills: number
  storms: number
  /** The nodes that were killed or stopped. */
  readonly struck: Set<string>
  /** Those that were stopped, once for each time. */
  readonly stopped: string[]
}

/** What is told of blows, and what carries out those that hit no process. */
export interface StrikeActs {
  readonly say: (line: string) => void
  /** Begins a storm of cancels, and does not wait for its end. */
  readonly storm: (share: number) => void
}

/**
 * Strikes at a cluster, one blow after another. Resolves when the last has been dealt and everyone who was
 * stopped goes on; an abort of the signal ends it early, and thaws all at once.
 */
export async function strikeOn(
  cluster: Struck,
  strikes: readonly Strike[],
  acts: StrikeActs,
  signal: AbortSignal,
): Promise<Blows> {
  const blows: Blows = { kills: 0, freezes: 0, brokerKills: 0, storms: 0, struck: new Set(), stopped: [] }
  const frozen = new Map<number, Promise<void>>()
  const servers = cluster.servers.length
  for (const strike of strikes) {
    if (!(await rest(strike.waitMs, signal))) break
    if (strike.kind === 'server') blows.brokerKills += strikeServer(cluster, servers, strike, acts.say)
    else if (strike.kind === 'storm') {
      acts.storm(strike.share)
      blows.storms += 1
    } else strikeNode(strike, { cluster, frozen, blows, say: acts.say, signal })
  }
  await Promise.all(frozen.values())
  return blows
}

interface StrikeGround {
  readonly cluster: Struck
  /** By process: resolves when it goes on. */
  readonly frozen: Map<number, Promise<void>>
  readonly blows: Blows
  readonly say: StrikeActs['say']
  readonly signal: AbortSignal
}

/** Kills or stops one of the nodes that are awake, and counts it. */
function strikeNode(
  { kind, share, forMs }: Strike,
  { cluster, frozen, blows, say, signal }: StrikeGround,
): void {
  const awake = cluster.nodes.filter(({ pid }) => !frozen.has(pid))
  const target = awake[Math.floor(share * awake.length)]
  if (target === undefined) return
  blows.struck.add(target.name)
  if (kind === 'kill') {
    say(`chaos: kill -9 ${target.name}`)
    cluster.kill(target.name, 'SIGKILL')
    blows.kills += 1
    return
  }
  say(`chaos: ${target.name} is stopped for ${(forMs / 1_000).toFixed(1)} s`)
  cluster.kill(target.name, 'SIGSTOP')
  blows.stopped.push(target.name)
  blows.freezes += 1
  const thawed = rest(forMs, signal).then(() => thaw(cluster, target))
  frozen.set(
    target.pid,
    thawed.finally(() => frozen.delete(target.pid)),
  )
}

/** Kills a server of the broker where all of them live, and counts it. */
function strikeServer(cluster: Struck, whole: number, { share }: Strike, say: StrikeActs['say']): number {
  const { servers } = cluster
  const server = servers.length === whole ? servers[Math.floor(share * whole)] : undefined
  if (server === undefined) return 0
  say(`chaos: kill -9 ${server.name} of the broker`)
  cluster.kill(server.name, 'SIGKILL')
  return 1
}

/** Whether the time has passed, where the signal would have ended it. */
async function rest(ms: number, signal: AbortSignal): Promise<boolean> {
  try {
    await wait(ms, undefined, { signal })
    return true
  } catch (error) {
    if (signal.aborted) return false
    throw error
  }
}

/** Lets a process go on, unless it has been ended meanwhile. */
function thaw(cluster: Struck, { name, pid }: Struck['nodes'][number]): void {
  if (cluster.nodes.some((node) => node.pid === pid)) cluster.kill(name, 'SIGCONT')
}
