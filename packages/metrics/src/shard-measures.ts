import type { ShardFigures, ShardReading } from '@covey/actors'
import {
  counter,
  type Distribution,
  gauge,
  histogram,
  type Measure,
  type Sample,
  sample,
  samplesBy,
  samplesOfState,
} from './measure.js'
import type { NodeReading } from './node-reading.js'

type ReadShard<Item> = (shard: ShardReading, labels: { readonly shard: number }) => readonly Item[]

const ofShards =
  <Item = Sample>(read: ReadShard<Item>) =>
  ({ shards }: NodeReading): Item[] =>
    shards.flatMap((shard) => read(shard, { shard: shard.shard }))

/** Of what every manager folds alike, only the leader tells: a sum over all nodes then counts nothing twice. */
const ofLedShards = (read: ReadShard<Sample>) =>
  ofShards((shard, labels) => (shard.isLeading ? read(shard, labels) : []))

const workflowEvents = ({ workflows, lostAttempts }: ShardFigures): Record<string, number> => {
  const { waiting: submitted, assigned, running: started, backingOff: retried } = workflows
  const { completed, failed, cancelled, skipped } = workflows
  return {
    ...{ submitted, assigned, started, retried, lost: lostAttempts },
    ...{ completed, failed, cancelled, skipped },
  }
}

const jobEvents = ({ jobs }: ShardFigures): Record<string, number> => {
  const { running: submitted, completed, failed, cancelled } = jobs
  return { submitted, completed, failed, cancelled }
}

const distribution =
  (name: 'appendMs' | 'batchEvents', divisor: number): ReadShard<Distribution> =>
  ({ figures }, labels) => [{ buckets: figures[name], labels, divisor }]

const loadLevelTable: Readonly<Record<NonNullable<NodeReading['level']>, true>> = {
  ...{ calm: true, busy: true, stressed: true, overloaded: true },
}

/** What a manager tells of itself and its shards. */
export const shardMeasures: readonly Measure[] = [
  gauge('covey_load_level', 'How loaded the manager is: 1 for the level that it is at.', ({ level }) =>
    level === undefined ? [] : samplesOfState(Object.keys(loadLevelTable), level),
  ),
  counter(
    'covey_commands_refused_total',
    'Commands of clients that were told to come again later, while this node led.',
    ofShards(({ figures }, labels) => samplesBy('class', figures.shed, labels)),
  ),
  counter(
    'covey_commands_limited_total',
    'Commands of clients that came more often than one client may, while this node led.',
    ofShards(({ figures }, labels) => samplesBy('class', figures.limited, labels)),
  ),
  gauge('covey_breakers', 'Breakers of workers that have failed to take work, by state.', ({ breakers }) =>
    breakers === undefined ? [] : samplesBy('state', breakers.states),
  ),
  counter(
    'covey_breaker_openings_total',
    'How often a worker was given no more work, since it failed to take it several times in a row.',
    ({ breakers }) => (breakers === undefined ? [] : [sample(breakers.openings)]),
  ),
  gauge(
    'covey_shard_leading',
    'Whether this node leads the shard.',
    ofShards(({ isLeading }, labels) => [sample(isLeading ? 1 : 0, labels)]),
  ),
  gauge(
    'covey_shard_epoch',
    'Epoch of the shard; it grows with every leader.',
    ofShards(({ epoch }, labels) => [sample(epoch, labels)]),
  ),
  gauge(
    'covey_log_sequence',
    'Sequence up to which this manager has folded the log.',
    ofShards(({ sequence }, labels) => [sample(sequence, labels)]),
  ),
  gauge(
    'covey_log_messages_skipped',
    'Messages of the log that are neither batch nor claim.',
    ofShards(({ skippedMessages }, labels) => [sample(skippedMessages, labels)]),
  ),
  gauge(
    'covey_log_events_poisoned',
    'Events of the log on which the chart of a workflow threw.',
    ofShards(({ poisonedEvents }, labels) => [sample(poisonedEvents, labels)]),
  ),
  gauge(
    'covey_log_queue_events',
    'Events that wait for the append in flight; told by the leader.',
    ofLedShards(({ queuedEvents }, labels) => [sample(queuedEvents, labels)]),
  ),
  gauge(
    'covey_jobs',
    'Jobs by state; told by the leader.',
    ofLedShards(({ jobs }, labels) => samplesBy('state', jobs, labels)),
  ),
  gauge(
    'covey_workflows',
    'Workflows by state; told by the leader. Waiting and queued ones are the backlog.',
    ofLedShards(({ workflows }, labels) => samplesBy('state', workflows, labels)),
  ),
  counter(
    'covey_job_events_total',
    'What became of jobs while this node led.',
    ofShards(({ figures }, labels) => samplesBy('event', jobEvents(figures), labels)),
  ),
  counter(
    'covey_workflow_events_total',
    'What became of workflows while this node led; assigned and started count attempts, lost those repeated for the end of their worker.',
    ofShards(({ figures }, labels) => samplesBy('event', workflowEvents(figures), labels)),
  ),
  histogram(
    'covey_log_append_seconds',
    'Time from an append of this leader to its acknowledgement.',
    ofShards(distribution('appendMs', 1_000)),
  ),
  histogram(
    'covey_log_batch_events',
    'Events of a batch that this leader appended; an empty one renews.',
    ofShards(distribution('batchEvents', 1)),
  ),
]
