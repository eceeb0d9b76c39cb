import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { availableParallelism, hostname } from 'node:os'
import type { Environment } from '@covey/actors'
import { createActorSystem } from '@covey/engine'
import { roles as allRoles, clusterName, createSubjects, limits, nodeId } from '@covey/protocol'
import { systemRandom, systemWallClock } from '@covey/transport'
import { type LevelWithSilent, type Logger, pino } from 'pino'
import { clockOf, hasLinks } from '../client/cluster-way.js'
import { refuseInHost } from '../isolation/host-mark.js'
import { nodeTracing } from '../tracing/node-tracing.js'
import { assembleNode } from './assemble-node.js'
import { LastLetters } from './last-letters.js'
import { openGround } from './node-ground.js'
import { keepingOf } from './node-keeping.js'
import { loadOf } from './node-load.js'
import { NoticeCounts } from './notice-counts.js'
import type { RunningNode } from './running-node.js'
import { refuseStart, registrationOf, type StartOptions } from './start-options.js'
import { timingsOf } from './start-timings.js'
import { transitionLog } from './transition-log.js'

const loggerOf = (logger: Logger | LevelWithSilent = 'info'): Logger =>
  typeof logger === 'string' ? pino({ level: logger }, pino.destination(2)) : logger

const coveyVersion = (): string => {
  const manifest: { version: string } = JSON.parse(
    readFileSync(createRequire(import.meta.url).resolve('#package'), 'utf8'),
  )
  return manifest.version
}

/**
 * Starts a node of a cluster over NATS, on the machine's own clock. Resolves when its links are up and it has begun to
 * join: await its `ready`. Rejects `unreachable`, `permission_denied`, `broker_unsuitable`, `invalid_id`,
 * `invalid_options`, `incompatible` for another number of shards than the cluster has, `unavailable` where no manager of
 * it has said that number within the join deadline (60 s, 120 s with three servers), which the log tells every 10 s; where the modules of isolated workflows are not as they must be `invalid_definition`, `module_failed`.
 * Nothing is then left open.
 */
export async function startNode(options: StartOptions): Promise<RunningNode> {
  refuseInHost()
  refuseStart(options)
  const cluster = clusterName(options.cluster ?? 'default')
  const { roles = allRoles, slots = availableParallelism(), workflows = [] } = options
  const { clock = clockOf(options), random = systemRandom, replace = false, otherSettings = false } = options
  const name = nodeId(options.name)
  const registration = registrationOf(options)
  const timings = timingsOf(options)
  const terms = { keeping: keepingOf(options), load: loadOf(options) }
  const logger = loggerOf(options.logger).child({ node: name, cluster })
  const log = transitionLog(logger, clock)
  // From the first: what a node waits for before it is one counts too.
  const counts = new NoticeCounts(cluster)
  const notice = counts.before((told) => log.notice(told))
  const { hosts, metrics, links, shards } = await openGround(options, { timings, clock, random, notice })
  const letters = new LastLetters(systemWallClock)
  const system = createActorSystem({
    node: name,
    clock,
    limits: { pendingEventsMax: limits.eventQueueMax },
    onDeadLetter(letter) {
      const { address, event, reason } = letter
      letters.take(letter)
      logger.debug({ actor: address, event: event.type, reason }, 'dead letter')
    },
    onActorError: ({ address, error }) => notice({ kind: 'defect', what: `actor ${address} threw`, error }),
  })
  const env: Environment = {
    system,
    links,
    subjects: createSubjects(cluster),
    clock,
    random,
    timings,
    notice,
    tracing: nodeTracing({ cluster, node: name, wallNow: systemWallClock, notice }),
  }
  const closeAll = async (): Promise<void> => {
    system.stopAll()
    await Promise.all([hosts?.close(), metrics?.close()])
    if (!hasLinks(options)) await links.close()
    log.flush()
  }
  try {
    return assembleNode(env, {
      nodeId: name,
      roles,
      slots: roles.includes('worker') ? slots : 0,
      shards,
      workflows,
      host: hostname(),
      pid: process.pid,
      version: coveyVersion(),
      since: new Date(systemWallClock()).toISOString(),
      replace,
      otherSettings,
      ...terms,
      ...registration,
      ...{ wallNow: systemWallClock, letters, counts },
      ...(metrics && { metrics }),
      ...(hosts && { hosts }),
      onTransition: log.transition,
      onClose: closeAll,
    })
  } catch (error) {
    await closeAll()
    throw error
  }
}
