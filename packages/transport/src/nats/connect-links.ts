import { CoveyError, clusterName, createSubjects, limits, type Subjects } from '@covey/protocol'
import { agreeOnShards } from '../agreed-shards.js'
import { delay, systemBackgroundClock, systemWallClock } from '../clock.js'
import type { BrokerFacts, Links } from '../links.js'
import type { Log } from '../log.js'
import { natsDeadlines } from './deadline.js'
import { unlessDenied } from './denied-subject.js'
import { type DialOptions, dialBus, pulseConnection } from './dial.js'
import { commonStreamsOf, ensureStreams, logStreamsOf } from './ensure-streams.js'
import { askJetStream, streamInfo } from './jetstream-api.js'
import type { NatsBus } from './nats-bus.js'
import { NatsFacts } from './nats-facts.js'
import { NatsLog } from './nats-log.js'
import { NatsPresence } from './nats-presence.js'
import { NatsPulse } from './pulse/nats-pulse.js'
import type { StoreContext } from './store-context.js'

/** How a process gets into a cluster over NATS. */
export interface LinksOptions extends DialOptions {
  /** The name of the cluster, a token of every subject. */
  readonly cluster: string
  /** Wanted for a new cluster, which has 1 unless another number is named; to be that of one that is there. */
  readonly shards?: number | undefined
  /** Copies of every stream; 3 needs a cluster of nats-servers. */
  readonly replicas?: 1 | 3
  /** Makes missing streams and verifies those that are there; a client leaves that to the nodes. */
  readonly ensureStreams: boolean
}

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
 * Asks again what the broker cannot do yet: several servers take 4 to 9 s to agree on a leader (K18), a single one may
 * be stuck for a moment or be started again. A client is told at once of a single one that cannot.
 */
async function onceAble<Value>(
  bus: NatsBus,
  { clock, ensureStreams: isToMake }: LinksOptions,
  ask: () => Promise<Value>,
): Promise<Value> {
  const { agreementMs, recoveryMs, agreementPauseMs } = natsDeadlines
  const ofOneMs = isToMake ? recoveryMs : 0
  const giveUpAtMs = clock.now() + (bus.hasServers ? agreementMs : ofOneMs)
  for (;;) {
    try {
      return await ask()
    } catch (error) {
      const mayPass = error instanceof CoveyError && error.code === 'unavailable'
      if (!mayPass || clock.now() >= giveUpAtMs) throw error
      await delay(clock, agreementPauseMs)
    }
  }
}

/**
 * The logs that are there. Where no fact says how many shards a cluster has they do: the fact went with the last minute of
 * a store that has lost power, or was never there, before a cluster could have several.
 */
async function countLogs(control: NatsBus, subjects: Subjects): Promise<number> {
  for (let count = 0; count < limits.shardsMax; count += 1)
    if ((await streamInfo(control, subjects.logStream(count))) === undefined) return count
  return limits.shardsMax
}

/** The facts first: they say how many logs there are. */
async function makeStreams(options: LinksOptions, control: NatsBus, facts: Links['facts']): Promise<void> {
  const { cluster, shards: wanted, replicas = 1, clock, timings } = options
  const subjects: Subjects = createSubjects(cluster)
  await onceAble(control, options, () => ensureStreams(control, commonStreamsOf(subjects, replicas)))
  const shards = await agreeOnShards({
    ...{
      facts,
      subjects,
      clock,
      wanted,
      decides: async () =>
        (await onceAble(control, options, () => countLogs(control, subjects))) || (wanted ?? 1),
    },
    ...{ deadlineMs: timings.readyDeadlineMs, retryMs: timings.redialMinMs },
  })
  await onceAble(control, options, () => ensureStreams(control, logStreamsOf(subjects, shards, replicas)))
}

/**
 * Connects a process to a cluster: two connections, and for a node the thread of its pulse with a third, which is begun
 * first because it takes its time; the broker probed, streams made or verified where asked. Once
 * connected the links redial for ever. Rejects `unreachable`, `permission_denied`, `broker_unsuitable` (too old, no
 * JetStream, a stream that is configured otherwise), `incompatible` (another number of shards), `storage_full`, `unavailable`, `invalid_options`, or `invalid_id`; nothing is then
 * left open.
 */
export async function connectLinks(options: LinksOptions): Promise<Links> {
  clusterName(options.cluster)
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
    const broker = await onceAble(control, options, () => probeBroker(control))
    const links = assemble(options, broker, { control, data, pulse })
    if (options.ensureStreams) await makeStreams(options, control, links.facts)
    return links
  } catch (error) {
    await Promise.all([pulse.end(), ...opened.map((bus) => bus.drain())])
    throw error
  }
}
