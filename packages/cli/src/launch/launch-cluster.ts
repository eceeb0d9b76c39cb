import { resolve } from 'node:path'
import { CoveyError, createSubjects } from '@covey/protocol'
import { type Bus, surveyShards, surveyStreams, systemClock, systemRandom } from '@covey/transport'
import { type Client, connect } from 'covey'
import { defaultCluster } from '../address.js'
import {
  clusterFilePath,
  isAlive,
  readClusterFile,
  removeClusterFile,
  writeClusterFile,
} from '../cluster-file.js'
import { unlessAborted } from '../interruption.js'
import { foreignLogOf } from '../log-version.js'
import { openClientLinks } from '../session.js'
import type { NodePlan } from './child-node.js'
import { Crew } from './crew.js'
import { type DataFolder, openDataFolder, refuseOtherServers } from './data-folder.js'
import { launchInMemory } from './launch-in-memory.js'
import type { LaunchedCluster, LaunchedInspector, LaunchOptions } from './launch-options.js'
import { followManagers } from './live-managers.js'
import { type OpenBroker, openBroker } from './open-broker.js'
import { openServers } from './open-servers.js'
import { planNodes } from './plan-nodes.js'
import { serveInspector } from './serve-inspector.js'
import { UndoList } from './undo-list.js'

/** Two clusters of one folder would hide each other from the commands called there. */
function refuseSecond(path: string): void {
  const found = readClusterFile(path)
  if (found === undefined || found.pid === process.pid || !isAlive(found.pid)) return
  throw new CoveyError(
    'store_locked',
    `a cluster is running from this folder already (process ${found.pid})`,
    {
      address: path,
      mend: `end it, or start this one in another folder; if process ${found.pid} is something else, remove ${path}`,
    },
  )
}

/** Managers of this version would wait forever to lead what another has led (K38): its user is told at once. */
async function refuseForeign(bus: Bus, cluster: string): Promise<void> {
  const shards = await surveyShards(bus, cluster)
  const streams = await surveyStreams(bus, cluster, shards)
  for (let shard = 0; shard < shards; shard++) {
    if (streams.get(createSubjects(cluster).logStream(shard)) === undefined) continue
    const foreign = await foreignLogOf(bus, cluster, shard)
    if (foreign !== undefined) throw foreign
  }
}

interface Launched {
  readonly broker: OpenBroker
  readonly cluster: string
  readonly crew: Crew
  readonly inspector: LaunchedInspector | null
}

function toCluster({ broker, cluster, crew, inspector }: Launched, undo: UndoList): LaunchedCluster {
  const { url, lost } = broker
  let stopping: Promise<void> | undefined
  return {
    url,
    cluster,
    inspector,
    lost,
    get servers() {
      return broker.live
    },
    get nodes() {
      return crew.live
    },
    get exits() {
      return crew.exits
    },
    connect: () => connect({ server: url, cluster }),
    kill(name, signal) {
      if (!broker.kill(name, signal)) crew.kill(name, signal)
    },
    stop({ now } = { now: false }) {
      if (now) crew.killAll()
      stopping ??= undo.run()
      return stopping
    },
  }
}

/** Ready is what answers: the leader's word is awaited too. Nothing has been asked of nodes before, so they need no goodbye. */
async function startNodes(
  crew: Crew,
  plans: readonly NodePlan[],
  client: Client,
  signal: AbortSignal,
): Promise<void> {
  const start = async (): Promise<void> => {
    await crew.start(plans)
    await client.status()
  }
  try {
    await unlessAborted(signal, start())
  } catch (error) {
    crew.killAll()
    throw error
  }
}

async function build(options: LaunchOptions, data: DataFolder, undo: UndoList): Promise<Launched> {
  const {
    cluster = defaultCluster,
    onEvent = () => undefined,
    signal = new AbortController().signal,
  } = options
  const open = options.servers === 3 ? openServers : openBroker
  const broker = await open(options.port, data, onEvent, undo)
  const { url, lost } = broker
  const links = await openClientLinks('launcher', { url, cluster, access: {} })
  undo.add(() => links.close())
  await refuseForeign(links.control, cluster)
  const client = await connect({ links, cluster })
  undo.add(() => client.close())
  const { current: managers, stop } = followManagers(client)
  undo.add(stop)
  const subjects = createSubjects(cluster)
  const crew = new Crew({
    bus: links.control,
    subjects,
    clock: systemClock,
    random: systemRandom,
    managers,
    onEvent,
  })
  undo.add(() => crew.end())
  await startNodes(
    crew,
    planNodes(options, { url, cluster, logFolder: data.logs }),
    client,
    AbortSignal.any([signal, lost]),
  )
  const inspector = options.inspect
    ? await serveInspector(cluster, await openClientLinks('inspector', { url, cluster, access: {} }), undo)
    : null
  return { broker, cluster, crew, inspector }
}

/**
 * Starts a whole cluster on this machine: a broker, and each node as a process of its own, supervised. Resolves when
 * every node takes part and the shard is led; the cluster file is then written, by which other commands find it.
 * Rejects with the error of whatever did not start, and then leaves nothing behind. All of it ends with this process,
 * however that ends.
 */
export const launchCluster = (options: LaunchOptions): Promise<LaunchedCluster> =>
  options.transport === 'memory' ? launchInMemory(options) : launchProcesses(options)

async function launchProcesses(options: LaunchOptions): Promise<LaunchedCluster> {
  const filePath = clusterFilePath(options.folder)
  refuseSecond(filePath)
  const undo = new UndoList()
  try {
    const data = openDataFolder(options.dataDir)
    refuseOtherServers(data, options.servers ?? 1)
    undo.add(() => data.remove())
    const launched = await build(options, data, undo)
    const { broker, cluster, inspector } = launched
    const about = { inspector: inspector?.url ?? null, data: resolve(data.path) }
    writeClusterFile(filePath, { url: broker.url, cluster, pid: process.pid, ...about })
    undo.add(() => removeClusterFile(filePath, process.pid))
    return toCluster(launched, undo)
  } catch (error) {
    await undo.run()
    throw error
  }
}
