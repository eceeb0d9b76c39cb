import { CoveyError, clusterName, createSubjects, limits } from '@covey/protocol'
import { systemBackgroundClock, systemWallClock } from '../clock.js'
import type { BrokerFacts, Links } from '../links.js'
import type { Log } from '../log.js'
import { refuseAccess } from './broker-access.js'
import { tryFacts, unlessDenied } from './denied-subject.js'
import { type DialOptions, dialBus, pulseConnection } from './dial.js'
import { askJetStream } from './jetstream-api.js'
import { makeStreams, onceAble, type StreamsWanted } from './make-streams.js'
import type { NatsBus } from './nats-bus.js'
import { NatsFacts } from './nats-facts.js'
import { NatsLog } from './nats-log.js'
import { NatsPresence } from './nats-presence.js'
import { NatsPulse } from './pulse/nats-pulse.js'
import type { StoreContext } from './store-context.js'

/** How a process gets into a cluster over NATS. */
export interface LinksOptions extends DialOptions, StreamsWanted {}

/** The first version with create-once streams (`discard_new_per_subject`). */
const oldestVersion = { major: 2, minor: 9 } as const

const isTooOld = (version: string): boolean => {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major < oldestVersion.major || (major === oldestVersion.major && minor < oldestVersion.minor)
}

async function probeBroker(bus: NatsBus): Promise<BrokerFacts> {
  const url = `nats://${bus.connection.getServer()}`
  const version = bus.connection.info?.version ?? 'unknown'
  const unsuitable = (what: string, mend: string): CoveyError =>
    new CoveyError('broker_unsuitable', `the broker ${what}`, { address: url, mend })
  if (isTooOld(version)) {
    throw unsuitable(`is nats-server ${version}`, 'use nats-server 2.9 or newer')
  }
  if (bus.connection.info?.jetstream !== true) {
    throw unsuitable(`(nats-server ${version}) runs without JetStream`, 'start it with --jetstream')
  }
  await unlessDenied(bus, '$JS.API.INFO', askJetStream(bus, 'INFO')).catch((error: unknown) => {
    if (!(error instanceof CoveyError) || error.code === 'permission_denied') throw error
    if (/not enabled/.test(error.message)) {
      throw unsuitable(
        'runs JetStream, but not for this account',
        'enable it for the account of these credentials',
      )
    }
    // It may pass: a cluster that has not elected its leader, a link that broke just now. A disk that was full does not.
    throw new CoveyError('unavailable', `the broker is there, and its JetStream is not: ${error.message}`, {
      address: url,
      mend: 'try again; if its disk was full, make room and start the broker again: it writes nothing more before',
      cause: error,
    })
  })
  return { url, version, jetStream: true, durable: true }
}

interface Opened {
  readonly control: NatsBus
  readonly data: NatsBus
  readonly pulse: NatsPulse
}

function assemble(options: LinksOptions, broker: BrokerFacts, { control, data, pulse }: Opened): Links {
  const { clock, random, timings } = options
  const subjects = createSubjects(options.cluster)
  const contextOf = (bus: NatsBus): StoreContext => ({ bus, clock, random, retryMs: timings.redialMinMs })
  const logs = new Map<number, NatsLog>()
  return {
    broker,
    control,
    data,
    pulse,
    facts: new NatsFacts(contextOf(control), subjects.factsStream),
    outbox: new NatsFacts(contextOf(data), subjects.outboxStream),
    objects: new NatsFacts(contextOf(data), subjects.objectsStream),
    presence: new NatsPresence(
      contextOf(control),
      subjects.factsStream,
      subjects.fact('nobody', 0, 'joined'),
    ),
    log(shard: number): Log {
      const known = logs.get(shard)
      if (known) return known
      if (shard >= limits.shardsMax) throw new CoveyError('invalid_options', `there is no shard ${shard}`)
      const log = new NatsLog(contextOf(control), subjects.logStream(shard), subjects.batch(shard))
      logs.set(shard, log)
      return log
    },
    async close(): Promise<void> {
      await Promise.all([pulse.end(), control.drain(), data.drain()])
    },
  }
}

const makePulse = (options: LinksOptions): NatsPulse =>
  new NatsPulse({
    connection: pulseConnection(options),
    name: options.name,
    timings: options.timings,
    clock: systemBackgroundClock,
    wallNow: systemWallClock,
  })

/**
 * Connects a process to a cluster: two connections, and for a node the thread of its pulse with a third, which is begun
 * first because it takes its time; the broker probed, streams made or verified where asked. Once
 * connected the links redial for ever. Rejects `unreachable`, `permission_denied`, `broker_unsuitable` (too old, no
 * JetStream, a stream that is configured otherwise), `incompatible` (another number of shards), `storage_full`, `unavailable`, `invalid_options`, or `invalid_id`; nothing is then
 * left open.
 */
export async function connectLinks(options: LinksOptions): Promise<Links> {
  clusterName(options.cluster)
  refuseAccess(options)
  const opened: NatsBus[] = []
  const pulse = makePulse(options)
  const isNode = options.role === 'node'
  const open = async (purpose: 'control' | 'data'): Promise<NatsBus> => {
    const bus = await dialBus(options, purpose, isNode ? pulse.watch.look : undefined)
    opened.push(bus)
    return bus
  }
  try {
    if (isNode) pulse.start()
    const control = await open('control')
    const data = await open('data')
    // By both: each has to hear its answers.
    const probe = (bus: NatsBus) => onceAble(bus, options, () => probeBroker(bus))
    const [broker] = await Promise.all([probe(control), probe(data)])
    const links = assemble(options, broker, { control, data, pulse })
    if (options.ensureStreams) await makeStreams(options, control, links.facts)
    if (isNode) await tryFacts(control, createSubjects(options.cluster), links.facts)
    return links
  } catch (error) {
    await Promise.all([pulse.end(), ...opened.map((bus) => bus.drain())])
    throw error
  }
}
