import type { ExperimentRun } from './experiment.js'
import { FormedCluster } from './formed-cluster.js'

const lastsMs = 20_000

/** What one node sends and is sent in a second, on the mean of all nodes. */
export interface Traffic {
  readonly sentMessages: number
  readonly receivedMessages: number
  /** Of subjects and payloads, sent and received. */
  readonly bytes: number
}

/** Messages and bytes of a cluster in which nothing happens, per node and second. */
export async function steadyTraffic(run: ExperimentRun): Promise<Traffic> {
  const cluster = new FormedCluster(run)
  const { world } = cluster
  await cluster.form()
  const { traffic } = world.broker
  const before = { ...traffic }
  const durationMs = run.durationMs ?? lastsMs
  await world.run(durationMs)
  const perNodeAndSecond = (count: number): number => count / run.nodes / (durationMs / 1_000)
  return {
    sentMessages: perNodeAndSecond(traffic.sentMessages - before.sentMessages),
    receivedMessages: perNodeAndSecond(traffic.receivedMessages - before.receivedMessages),
    bytes: perNodeAndSecond(
      traffic.sentBytes - before.sentBytes + (traffic.receivedBytes - before.receivedBytes),
    ),
  }
}
