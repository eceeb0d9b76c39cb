import { availableParallelism } from 'node:os'
import type { BenchContext } from '../bench-context.js'
import { withUndo } from '../process/undo.js'
import { startBenchBroker } from '../run-benchmarks.js'
import { peersOfDispatch } from './dispatch.peers.js'
import { type InstallOptions, installPeer } from './install-peer.js'
import { lackOfPackages, lackOfRedis } from './left-out.js'
import { bullmq, moleculer, type PeerPackage } from './peer-package.js'
import type { PeerBenchName, PeerReport } from './peer-report.js'
import { findRedis } from './redis-server.js'
import { peersOfRequest } from './request.peers.js'
import { versionText } from './version.js'

/** What is known of a peer before it is measured: that it is there, with the server that it needs, or what it lacks. */
interface Attendance {
  readonly leftOut: readonly string[]
  readonly servers: readonly string[]
}

const attends: Attendance = { leftOut: [], servers: [] }

async function installed(peer: PeerPackage, options: InstallOptions): Promise<Attendance> {
  const outcome = await installPeer(peer, options)
  if (outcome.kind === 'there') return attends
  return { leftOut: [lackOfPackages(peer, outcome.reason)], servers: [] }
}

/** Redis first: without it nothing has to be installed. */
async function attendanceOfBull(options: InstallOptions): Promise<Attendance> {
  const redis = await findRedis()
  const lack = lackOfRedis(bullmq, redis)
  if (lack !== undefined || redis === undefined || redis === 'unknown')
    return { leftOut: lack === undefined ? [] : [lack], servers: [] }
  const { leftOut } = await installed(bullmq, options)
  return { leftOut, servers: leftOut.length === 0 ? [`redis-server ${versionText(redis)}`] : [] }
}

const benches = { dispatch: peersOfDispatch, request: peersOfRequest }

/** What a benchmark beside peers is run with. */
export interface PeerContext extends BenchContext {
  readonly install: InstallOptions
  /** Why Moleculer cannot run on this Node, and no other was to be had. */
  readonly lackOfNode: string | undefined
}

function attendance(name: PeerBenchName, { install, lackOfNode }: PeerContext): Promise<Attendance> {
  if (name === 'dispatch') return attendanceOfBull(install)
  if (lackOfNode !== undefined) return Promise.resolve({ leftOut: [lackOfNode], servers: [] })
  return installed(moleculer, install)
}

/** Runs one benchmark beside peers; who cannot take part is left out, and named. Rejects as `runBenchmark`. */
export const runPeers = (name: PeerBenchName, context: PeerContext): Promise<PeerReport> =>
  withUndo(async (undo) => {
    const { leftOut, servers } = await attendance(name, context)
    for (const line of leftOut) context.say(line)
    const broker = await startBenchBroker(context.clock)
    undo(() => broker.stop())
    const rows = await benches[name]({ ...context, server: broker.url }, leftOut.length === 0)
    return {
      ...{ name, node: process.versions.node, cores: availableParallelism(), rows, leftOut },
      servers: [`nats-server ${broker.version}`, ...servers],
    }
  })
