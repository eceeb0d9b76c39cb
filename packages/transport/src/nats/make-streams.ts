import { CoveyError, createSubjects, limits, type Subjects } from '@covey/protocol'
import { agreeOnShards } from '../agreed-shards.js'
import { delay } from '../clock.js'
import type { Links } from '../links.js'
import { natsDeadlines } from './deadline.js'
import { deniableFacts, unlessDenied } from './denied-subject.js'
import type { DialOptions } from './dial.js'
import { commonStreamsOf, ensureStreams, logStreamsOf } from './ensure-streams.js'
import { streamInfo } from './jetstream-api.js'
import type { NatsBus } from './nats-bus.js'

/** The streams that a cluster is to have. */
export interface StreamsWanted {
  /** The name of the cluster, a token of every subject. */
  readonly cluster: string
  /** Wanted for a new cluster, which has 1 unless another number is named; to be that of one that is there. */
  readonly shards?: number | undefined
  /** Copies of every stream; 3 needs a cluster of nats-servers. */
  readonly replicas?: 1 | 3
  /** Makes missing streams and verifies those that are there; a client leaves that to the nodes. */
  readonly ensureStreams: boolean
}

type WaitingOptions = StreamsWanted & Pick<DialOptions, 'clock' | 'timings'>

/**
 * Asks again what the broker cannot do yet: several servers take 4 to 9 s to agree on a leader (K18), a single one may
 * be stuck for a moment or be started again. A client is told at once of a single one that cannot.
 */
export async function onceAble<Value>(
  bus: NatsBus,
  { clock, ensureStreams: isToMake }: WaitingOptions,
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
  for (let count = 0; count < limits.shardsMax; count += 1) {
    const name = subjects.logStream(count)
    const info = await unlessDenied(control, `$JS.API.STREAM.INFO.${name}`, streamInfo(control, name))
    if (info === undefined) return count
  }
  return limits.shardsMax
}

/** The facts first: they say how many logs there are. */
export async function makeStreams(
  options: WaitingOptions,
  control: NatsBus,
  facts: Links['facts'],
): Promise<void> {
  const { cluster, shards: wanted, replicas = 1, clock, timings } = options
  const subjects = createSubjects(cluster)
  await onceAble(control, options, () => ensureStreams(control, commonStreamsOf(subjects, replicas)))
  const shards = await agreeOnShards({
    ...{
      facts: deniableFacts(control, subjects.factsStream, facts),
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
