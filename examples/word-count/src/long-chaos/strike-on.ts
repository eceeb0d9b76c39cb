import { setTimeout as wait } from 'node:timers/promises'
import type { LaunchedCluster } from '@covey/cli'
import type { Strike } from './draw-strikes.js'

type Struck = Pick<LaunchedCluster, 'nodes' | 'servers' | 'kill'>

/** What was done to a cluster. */
export interface Blows {
  kills: number
  freezes: number
  /** Servers of the broker that were killed. */
  servers: number
}

/** A broker of three stands the loss of one. */
const serversWhole = 3

/**
 * Strikes at a cluster, one blow after another. Resolves when the last has been dealt and everyone who was
 * stopped goes on; an abort of the signal ends it early, and thaws all at once.
 */
export async function strikeOn(
  cluster: Struck,
  strikes: readonly Strike[],
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<Blows> {
  const blows: Blows = { kills: 0, freezes: 0, servers: 0 }
  const frozen = new Map<number, Promise<void>>()
  for (const { kind, waitMs, share, forMs } of strikes) {
    if (!(await rest(waitMs, signal))) break
    if (kind === 'server') {
      blows.servers += strikeServer(cluster, share, say)
      continue
    }
    const awake = cluster.nodes.filter(({ pid }) => !frozen.has(pid))
    const target = awake[Math.floor(share * awake.length)]
    if (target === undefined) continue
    if (kind === 'kill') {
      say(`chaos: kill -9 ${target.name}`)
      cluster.kill(target.name, 'SIGKILL')
      blows.kills += 1
    } else {
      say(`chaos: ${target.name} is stopped for ${(forMs / 1_000).toFixed(1)} s`)
      cluster.kill(target.name, 'SIGSTOP')
      blows.freezes += 1
      const thawed = rest(forMs, signal).then(() => thaw(cluster, target))
      frozen.set(
        target.pid,
        thawed.finally(() => frozen.delete(target.pid)),
      )
    }
  }
  await Promise.all(frozen.values())
  return blows
}

/** Kills one of several servers where all live, and counts it. */
function strikeServer(cluster: Struck, share: number, say: (line: string) => void): number {
  const { servers } = cluster
  const server = servers.length === serversWhole ? servers[Math.floor(share * serversWhole)] : undefined
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
