import { join } from 'node:path'
import { CoveyError } from '@covey/protocol'
import { createMemoryBroker, type MemoryBroker, systemAwakeClock, systemRandom } from '@covey/transport'
import { type AnyWorkflow, type Client, connect, type RunningNode, startNode } from 'covey'
import { pino } from 'pino'
import { defaultCluster } from '../address.js'
import { unlessAborted } from '../interruption.js'
import { loadWorkflows } from '../workflow-modules.js'
import type { NodePlan } from './child-node.js'
import { openDataFolder } from './data-folder.js'
import type { LaunchedCluster, LaunchedInspector, LaunchOptions } from './launch-options.js'
import { planNodes } from './plan-nodes.js'
import { serveInspector } from './serve-inspector.js'
import { UndoList } from './undo-list.js'

const url = 'memory:'

const refuseKill = (name: string): never => {
  throw new CoveyError('invalid_options', `${name} is a part of this process`, {
    address: name,
    mend: 'only a process of its own can be killed: leave out --transport memory',
  })
}

async function openClient(broker: MemoryBroker, cluster: string): Promise<Client> {
  const links = broker.open(`client-${systemRandom.id()}`)
  const client = await connect({ links, cluster })
  return {
    ...client,
    async close() {
      await client.close()
      await links.close()
    },
  }
}

async function startOne(
  { name, cluster, roles, slots, shards, logFolder, metrics, profile, keeping }: NodePlan,
  broker: MemoryBroker,
  workflows: readonly AnyWorkflow[],
  undo: UndoList,
): Promise<RunningNode> {
  const links = broker.open(name)
  undo.add(() => links.close())
  const logger = pino(pino.destination({ dest: join(logFolder, `${name}.log`), sync: true }))
  const offered = roles.includes('worker') ? workflows : []
  const node = await startNode({
    ...{ name, cluster, roles, slots, links, logger, workflows: offered },
    ...(metrics && { metrics }),
    ...(shards && { shards }),
    ...(profile && { profile }),
    ...keeping,
  })
  undo.add(() => node.close())
  await node.ready
  return node
}

interface LaunchedInMemory {
  readonly cluster: string
  readonly broker: MemoryBroker
  readonly nodes: readonly RunningNode[]
  readonly plans: readonly NodePlan[]
  readonly inspector: LaunchedInspector | null
}

function toCluster(launched: LaunchedInMemory, undo: UndoList): LaunchedCluster {
  const { cluster, broker, nodes, plans, inspector } = launched
  let stopping: Promise<void> | undefined
  const end = async (): Promise<void> => {
    await Promise.all(nodes.map((node) => node.leave()))
    await undo.run()
  }
  return {
    url,
    cluster,
    servers: [],
    lost: new AbortController().signal,
    nodes: nodes.map(({ name, metricsUrl = null }, index) => ({
      ...{ name, roles: plans[index]?.roles ?? [], pid: process.pid, metricsUrl },
    })),
    exits: [],
    inspector,
    connect: () => openClient(broker, cluster),
    kill: refuseKill,
    stop({ now } = { now: false }) {
      stopping ??= now ? undo.run() : end()
      return stopping
    },
  }
}

/**
 * Starts a cluster whose nodes are all parts of this process, around a broker in its memory: nothing is durable, and no
 * other process reaches it. Resolves and rejects as `launchCluster` does.
 */
export async function launchInMemory(options: LaunchOptions): Promise<LaunchedCluster> {
  const { cluster = defaultCluster, signal = new AbortController().signal } = options
  if (options.servers === 3)
    throw new CoveyError(
      'invalid_options',
      'a broker in memory is a part of this process, and no three servers',
      {
        address: '--servers',
        mend: 'leave out --transport memory, or --servers',
      },
    )
  const undo = new UndoList()
  try {
    const workflows = await loadWorkflows(options.folder, options.workflows)
    const data = openDataFolder(options.dataDir)
    undo.add(() => data.remove())
    const broker = createMemoryBroker({
      ...{ clock: systemAwakeClock, random: systemRandom, cluster },
      ...(options.shards === undefined ? {} : { shards: options.shards }),
    })
    const plans = planNodes(options, { url, cluster, logFolder: data.logs })
    const starting = Promise.all(plans.map((plan) => startOne(plan, broker, workflows, undo)))
    const nodes = await unlessAborted(signal, starting)
    const client = await openClient(broker, cluster)
    undo.add(() => client.close())
    await unlessAborted(signal, client.status())
    const inspector = options.inspect ? await serveInspector(cluster, broker.open('inspector'), undo) : null
    return toCluster({ cluster, broker, nodes, plans, inspector }, undo)
  } catch (error) {
    await undo.run()
    throw error
  }
}
