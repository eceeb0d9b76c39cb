import { applyBatch, applyClaim } from '@covey/actors'
import {
  attemptMachine,
  connectionMachine,
  isCertainEnd,
  isEvidence,
  isVote,
  judgeDeparture,
  leadershipMachine,
  nodeMachine,
  peerMachine,
  workerMachine,
  workflowMachine,
} from '@covey/machines'
import { BreakerModel, type BreakerOptions } from './breaker/breaker-model.js'
import { CountersModel } from './counters-model.js'
import { DialsModel } from './dials/dials-model.js'
import { explore } from './explore.js'
import type { MembershipOptions } from './membership/cluster.js'
import { MembershipModel } from './membership/membership-model.js'
import type { Model } from './model.js'
import { NameModel, type NameOptions } from './names/name-model.js'
import { ShardModel } from './shard/shard-model.js'
import type { ShardOptions } from './shard/shard-options.js'
import { SlotsModel, type SlotsOptions } from './slots/slots-model.js'

/** One row of what `npm run check:exhaustive` looks at. */
interface Task {
  readonly what: string
  model(): Model
}

const membership = (what: string, budgets: MembershipOptions['budgets'], nodes = 3): Task => ({
  what: `membership, ${what}`,
  model: () =>
    new MembershipModel({
      ...{ nodeMachine, peerMachine, generationsMax: 2, budgets, nodes },
      rules: { isVote, isEvidence, judgeDeparture },
    }),
})

const oneName = (what: string, options: Pick<NameOptions, 'budgets'> & Partial<NameOptions>): Task => ({
  what: `one name, ${what}`,
  model: () =>
    new NameModel({
      ...{ nodeMachine, workflowMachine, isCertainEnd },
      ...{ runs: 2, generationsMax: 3, replace: false, ...options },
    }),
})

const shard = (what: string, options: Partial<ShardOptions>): Task => ({
  what: `shard, ${what}`,
  model: () =>
    new ShardModel({
      ...{ workerMachine, attemptMachine, leadershipMachine, fold: { applyBatch, applyClaim } },
      ...{ workers: oneWorker, slots: 1, jobs: 1, managers: 2 },
      ...{ epochsMax: 1, tokensMax: 1, inputsMax: 1, budgets: {}, isOpen: true },
      ...options,
    }),
})

const breakers = (what: string, options: BreakerOptions): Task => ({
  what: `breakers, ${what}`,
  model: () => new BreakerModel(options),
})

const twoShards = (what: string, options: Partial<SlotsOptions>): Task => ({
  what: `two shards, ${what}`,
  model: () =>
    new SlotsModel({
      ...{ workerMachine, slots: 1, jobs: [false, true], epochs: [1, 1], tokensMax: 2 },
      ...options,
    }),
})

const once = { crashes: 1, restarts: 1, leaves: 1, sleeps: 1, silences: 1, repeats: 1 }
const twoOfEach = { total: 2, crashes: 2, restarts: 2, leaves: 2, sleeps: 2, silences: 2, repeats: 2 }
const anyOne = { total: 1, kills: 1, departures: 1, expiries: 1, failures: 1, cancels: 1, timeouts: 1 }
const oneWorker = [{ worker: 'w1', generation: 1 }]
const successor = [...oneWorker, { worker: 'w1', generation: 2 }]
const twoWorkers = [...oneWorker, { worker: 'w2', generation: 1 }]
const threeWorkers = [...twoWorkers, { worker: 'w3', generation: 1 }]
const twoOfAll = { total: 2, crashes: 1, leaves: 1, silences: 1, purges: 1 }

const tasks: readonly Task[] = [
  { what: 'counters, which cost nothing: the core alone', model: () => new CountersModel(1_000) },
  {
    what: 'dials, messages lost, late, doubled and out of order, 3 under way',
    model: () => new DialsModel({ machine: connectionMachine, order: 'any', duplicates: true, flightMax: 3 }),
  },
  {
    what: 'dials, messages lost and late, 4 under way',
    model: () =>
      new DialsModel({ machine: connectionMachine, order: 'kept', duplicates: false, flightMax: 4 }),
  },
  membership('a node is killed and one is started again', { crashes: 1, restarts: 1 }),
  membership('a node is not heard although it lives', { silences: 1 }),
  membership('a node says goodbye', { leaves: 1 }),
  membership('a node sleeps longer than its lease', { sleeps: 1 }),
  membership('a node is killed and a fact is told once more', { crashes: 1, repeats: 1 }),
  membership('a node is killed and one says goodbye', { crashes: 1, leaves: 1 }),
  membership('a node is killed and one sleeps longer than its lease', { crashes: 1, sleeps: 1 }),
  membership('a node is killed and one is not heard although it lives', { crashes: 1, silences: 1 }),
  membership('a node says goodbye and one is started again', { leaves: 1, restarts: 1 }),
  membership('two nodes are killed', { crashes: 2 }),
  membership('two nodes say goodbye', { leaves: 2 }),
  membership('a node says goodbye and one sleeps longer than its lease', { leaves: 1, sleeps: 1 }),
  membership('any one thing happens', { total: 1, ...once }),
  membership('two nodes, any two of all six things, each also twice', twoOfEach, 2),
  membership('four nodes, of which one is killed', { crashes: 1 }, 4),
  oneName('one of two processes is killed and old facts are removed', { budgets: { crashes: 1, purges: 1 } }),
  oneName('two processes, a question is lost or a node departed that lives', { budgets: { silences: 1 } }),
  oneName('two processes of which one replaces the other', { budgets: { silences: 1 }, replace: true }),
  oneName('one of two processes leaves while the other replaces it', {
    budgets: { leaves: 1 },
    replace: true,
  }),
  oneName('two processes, any two of all four things happen', { budgets: twoOfAll }),
  oneName('two processes of which one replaces the other, any two of all four things happen', {
    budgets: twoOfAll,
    replace: true,
  }),
  oneName('three processes, of which one is killed', { runs: 3, budgets: { crashes: 1 } }),
  shard('one worker, one leader, two tokens', { tokensMax: 2 }),
  shard('one worker, a batch gathers while one is in the log unheard, two things in each', {
    ...{ tokensMax: 2, inputsMax: 2, batchesMax: 2 },
  }),
  shard('one worker, a batch gathers while one is in the log unheard, and the leader changes', {
    ...{ epochsMax: 2, batchesMax: 2 },
  }),
  shard('one worker, which starts while a leader changes', { isOpen: false, epochsMax: 2 }),
  shard('a worker and its successor, any one thing happens', {
    ...{ workers: successor, tokensMax: 2, budgets: anyOne },
  }),
  shard('two workers, two tokens, any one thing happens', {
    ...{ workers: twoWorkers, tokensMax: 2, budgets: anyOne },
  }),
  shard('three workers, two tokens, one is departed that lives, or has no lease, or a job is cancelled', {
    ...{ workers: threeWorkers, tokensMax: 2 },
    budgets: { total: 1, departures: 1, expiries: 1, cancels: 1 },
  }),
  shard('two workers, two tokens, the leader changes', {
    ...{ workers: twoWorkers, tokensMax: 2, epochsMax: 2 },
  }),
  shard(
    'two workers, the leader changes, and one is killed, departed that lives, without a lease, or cancelled',
    {
      ...{ workers: twoWorkers, epochsMax: 2 },
      budgets: { total: 1, kills: 1, departures: 1, expiries: 1, cancels: 1 },
    },
  ),
  shard('one worker, an attempt asks for more time twice, a batch gathers, any three things happen', {
    ...{ batchesMax: 2, budgets: { total: 3, asks: 2, progress: 1, timeouts: 1, overruns: 1, cancels: 1 } },
  }),
  shard('one worker, an attempt asks for more time, the leader changes, any two things happen', {
    ...{ epochsMax: 2, budgets: { total: 2, asks: 1, timeouts: 1, overruns: 1, cancels: 1 } },
  }),
  breakers('two shards, a request of each, and the next generation', {
    ...{ requests: 2, shards: 2, generations: 2 },
  }),
  twoShards('the only slot of their worker goes from one to the other, both leaders change', {
    epochs: [2, 2],
  }),
]

/** The models whose description has one of the words, or all. */
export const wantedTasks = (words: readonly string[]): readonly string[] =>
  tasks
    .map(({ what }) => what)
    .filter((what) => words.length === 0 || words.some((word) => what.includes(word)))

const say = (text: string): void => {
  process.stdout.write(`${text}\n`)
}

/** What was found of one model: a row of the table in the documentation. */
export interface Finding {
  readonly isWell: boolean
  readonly row: string
}

/** What the columns of a row are. */
export const columns = [
  'what',
  'states',
  'transitions',
  'depth',
  'states a second',
  'transitions a second',
  'bytes a state',
  'complete',
]
export const rowOf = (cells: readonly (string | number)[]): string =>
  `| ${cells.map((cell) => (typeof cell === 'number' ? cell.toLocaleString('en') : cell)).join(' | ')} |`

/** Explores the model of a description, and says what was found. */
export function checkTask(wanted: string): Finding {
  const task = tasks.find(({ what }) => what === wanted)
  if (task === undefined) throw new Error(`There is no model of ${wanted}`)
  const before = process.cpuUsage()
  const { states, transitions, depth, complete, bytesPerState, fault } = explore(task.model())
  const { user, system } = process.cpuUsage(before)
  const seconds = (user + system) / 1e6
  const speeds = [states, transitions].map((count) => Math.round(count / seconds))
  const row = rowOf([
    ...[task.what, states, transitions, depth],
    ...[...speeds, bytesPerState, complete ? 'yes' : 'NO'],
  ])
  say(row)
  if (fault !== undefined) say([`  ${fault.rule}:`, ...fault.story].join('\n'))
  return { isWell: complete, row }
}
