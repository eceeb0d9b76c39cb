import { availableParallelism } from 'node:os'
import type { Environment, Notice } from '@covey/actors'
import { type MetricsEndpoint, type MetricsOptions, openMetrics } from '@covey/metrics'
import { roles as allRoles, createSubjects, type Timings } from '@covey/protocol'
import {
  type AwaitedShards,
  agreeOnShards,
  type Clock,
  connectLinks,
  type Links,
  type Random,
  refuseOtherShards,
} from '@covey/transport'
import { accessOf, hasLinks } from '../client/cluster-way.js'
import { refuseAccess } from '../client/known-access.js'
import { type CodeHosts, openHosts } from '../isolation/code-hosts.js'
import { type KnownOptions, refuseUnknownOptions } from '../known-options.js'
import type { StartOptions } from './start-options.js'

const knownMetrics: KnownOptions<MetricsOptions> = { port: true, host: true, token: true }

async function openLinks(
  options: StartOptions,
  timings: Timings,
  clock: Clock,
  random: Random,
): Promise<Links> {
  if (hasLinks(options)) return options.links
  const { name, cluster = 'default', roles = allRoles, replicas = 1, server, shards } = options
  refuseAccess('startNode', options)
  return connectLinks({
    cluster,
    shards,
    servers: server,
    name,
    role: 'node',
    ...accessOf(options),
    timings,
    clock,
    random,
    replicas,
    ensureStreams: roles.includes('manager'),
  })
}

/** Listens before anything else is done, so that a node that only dials can be asked already. */
async function serveMetrics(
  metrics: MetricsOptions | undefined,
  notice: (notice: Notice) => void,
): Promise<MetricsEndpoint | undefined> {
  if (metrics === undefined) return undefined
  refuseUnknownOptions('startNode.metrics', metrics, knownMetrics)
  return openMetrics(metrics, (error) =>
    notice({ kind: 'defect', what: 'the server of the metrics failed', error }),
  )
}

/** What a node stands on. */
export interface Ground {
  readonly hosts: CodeHosts | undefined
  readonly metrics: MetricsEndpoint | undefined
  readonly links: Links
  /** How many shards the cluster has. */
  readonly shards: number
}

/** A manager says how many shards a new cluster has; who is none waits until one has, as it waits for all that a manager makes. */
async function shardsOf(
  options: StartOptions,
  links: Links,
  { timings, clock }: Pick<Environment, 'timings' | 'clock'>,
  onWait: (awaited: AwaitedShards) => void,
): Promise<number> {
  const { cluster = 'default', roles = allRoles, shards: wanted } = options
  const subjects = createSubjects(cluster)
  if (links.shards !== undefined) {
    refuseOtherShards(subjects, links.shards, wanted)
    return links.shards
  }
  try {
    return await agreeOnShards({
      ...{ facts: links.facts, subjects, clock, wanted, onWait },
      ...(roles.includes('manager') && { decides: () => wanted ?? 1 }),
      ...{ deadlineMs: timings.joinDeadlineMs, retryMs: timings.redialMinMs },
    })
  } catch (error) {
    if (!hasLinks(options)) await links.close()
    throw error
  }
}

/** The log has it at once, and whoever asks the node how it is. */
const tellOfWaiting =
  (notice: (notice: Notice) => void, metrics: MetricsEndpoint | undefined) =>
  ({ reason, leftMs }: AwaitedShards): void => {
    notice({ kind: 'manager.awaited', reason, mend: 'start a manager: covey node --roles manager', leftMs })
    metrics?.explain(reason)
  }

/** Opens what a node stands on; nothing of it where not all of it can be had. */
export async function openGround(
  options: StartOptions,
  { timings, clock, random, notice }: Pick<Environment, 'timings' | 'clock' | 'random' | 'notice'>,
): Promise<Ground> {
  const { roles = allRoles, slots = availableParallelism(), workflows = [] } = options
  const hosts = await openHosts(roles.includes('worker') ? workflows : [], slots, notice)
  let metrics: MetricsEndpoint | undefined
  try {
    metrics = await serveMetrics(options.metrics, notice)
    const links = await openLinks(options, timings, clock, random)
    const onWait = tellOfWaiting(notice, metrics)
    return { hosts, metrics, links, shards: await shardsOf(options, links, { timings, clock }, onWait) }
  } catch (error) {
    await Promise.all([hosts?.close(), metrics?.close()])
    throw error
  }
}
