import { CoveyError } from '@covey/protocol'
import { namesText } from '../names-text.js'
import { type ClusterGround, isUnknownCluster, type LookedAtNode } from './cluster-ground.js'
import { type Check, fail, ok, type Verdict, warn } from './finding.js'

const statusDeadlineMs = 3_000
/** An event loop that takes longer to answer delays heartbeats as well. */
const slowMs = 250
/** Clocks that are kept by NTP are nearer than this. */
const clockApartMs = 1_000

const nameOf = ({ member }: LookedAtNode): string => member.nodeId
const whereOf = ({ member }: LookedAtNode): string =>
  `${member.nodeId} (process ${member.pid} on ${member.host})`
const wheresOf = (nodes: readonly LookedAtNode[]): string => namesText(nodes.map(whereOf))

async function lookAtLeader(ground: ClusterGround): Promise<Verdict | undefined> {
  if (await isUnknownCluster(ground)) return undefined
  const { client } = ground.session
  const mend =
    'start a manager, or look at the logs of those that run: covey logs. After the disk of the broker was full, start the broker again'
  try {
    const { shards } = await client.status({ deadlineMs: statusDeadlineMs })
    const leaderless = shards.filter(({ leader }) => leader === null)
    if (leaderless.length > 0) {
      const which = namesText(leaderless.map(({ shard }) => `${shard}`))
      return fail(`nobody leads shard ${which}`, client.cluster, mend)
    }
    const leaders = [...new Set(shards.map(({ leader }) => `${leader}`))].sort()
    return ok(`${client.cluster} is led by ${namesText(leaders)}`)
  } catch (error) {
    if (!(error instanceof CoveyError && error.code === 'no_leader')) throw error
    return fail(`${error.code}: ${error.message}`, client.cluster, mend)
  }
}

async function lookAtNodes(ground: ClusterGround): Promise<Verdict | undefined> {
  if (await isUnknownCluster(ground)) return undefined
  const { cluster } = ground.session.client
  const nodes = await ground.nodes()
  const gone = nodes.filter(({ loop }) => loop.kind === 'gone')
  if (gone.length > 0) {
    const what = `nobody listens where the facts say that a node is: ${namesText(gone.map(nameOf))}`
    return warn(what, wheresOf(gone), 'its end is noticed as soon as a manager runs; start it again')
  }
  const has = (role: 'manager' | 'worker') => nodes.some(({ member }) => member.roles.includes(role))
  if (!has('manager')) return fail('it has no manager', cluster, 'start one: covey node --roles manager')
  if (!has('worker')) return warn('it has no worker', cluster, 'start one: covey node --roles worker')
  return ok(`${nodes.length} take part`)
}

async function lookAtLoops({ nodes }: ClusterGround): Promise<Verdict | undefined> {
  const all = await nodes()
  const silent = all.filter(({ loop }) => loop.kind === 'silent')
  if (silent.length > 0) {
    const mend =
      'compute in pieces or in a thread; the end of its log says what runs: covey logs. A process that is stopped goes on with kill -CONT'
    return fail(`no answer: its event loop is blocked, or its process stopped`, wheresOf(silent), mend)
  }
  const answerMs = ({ loop }: LookedAtNode): number => (loop.kind === 'answers' ? loop.ms : 0)
  const [slowest] = all.toSorted((one, other) => answerMs(other) - answerMs(one))
  if (slowest === undefined) return undefined
  const detail = `${nameOf(slowest)} took ${answerMs(slowest)} ms to answer, the longest`
  if (answerMs(slowest) <= slowMs) return ok(detail)
  return warn(
    detail,
    whereOf(slowest),
    'a function computes for long at a time, or the machine is overloaded',
  )
}

/** Two processes that go by one name: the older one has not noticed yet that it was replaced. */
async function lookAtNames({ nodes, isHeard, name }: ClusterGround): Promise<Verdict | undefined> {
  const all = await nodes()
  if (all.length === 0) return undefined
  const taken = all.find((node) => nameOf(node) === name && node.loop.kind !== 'gone')
  if (taken !== undefined) {
    const mend = 'take another --name, or --replace it'
    return fail(`the name ${name} is in use (name_in_use)`, whereOf(taken), mend)
  }
  const doubled: LookedAtNode[] = []
  for (const node of all) {
    const { nodeId, generation } = node.member
    if (generation > 1 && (await isHeard(nodeId, generation - 1))) doubled.push(node)
  }
  if (doubled.length === 0) return ok(name === undefined ? 'each is one process' : `${name} is free`)
  const what = `an earlier process of the same name still runs: ${namesText(doubled.map(nameOf))}`
  return warn(
    what,
    wheresOf(doubled),
    'end the other process: of two nodes of a name only the newer one takes part',
  )
}

const secondsText = (ms: number): string => `${(Math.abs(ms) / 1_000).toFixed(1)} s`

async function lookAtClocks({ nodes }: ClusterGround): Promise<Verdict | undefined> {
  const told = (await nodes()).flatMap((node) => (node.clock === undefined ? [] : [{ node, ...node.clock }]))
  if (told.length === 0) return undefined
  const apart = told.filter(({ aheadMs, doubtMs }) => Math.abs(aheadMs) > clockApartMs + doubtMs)
  if (apart.length === 0) return ok('those of all nodes are together with that of this machine')
  const texts = apart.map(
    ({ node, aheadMs }) => `${nameOf(node)} is ${secondsText(aheadMs)} ${aheadMs > 0 ? 'ahead' : 'behind'}`,
  )
  const mend = 'let NTP keep the clocks: no work depends on them, and times in logs and ages do'
  return warn(`against this machine ${namesText(texts)}`, wheresOf(apart.map(({ node }) => node)), mend)
}

type Ground = NonNullable<LookedAtNode['ground']>
type Queued = Ground['queued'][number]

/** Whether a node has the code and all labels. */
const canRun =
  (name: string, requires: readonly string[]) =>
  ({ offers, unfit = [], labels = [] }: Ground): boolean =>
    offers.includes(name) && !unfit.includes(name) && requires.every((label) => labels.includes(label))

const waitingText = ({ name, count, requires = [] }: Queued): string =>
  requires.length === 0 ? `${name} (${count})` : `${name} (${count}, requires ${requires.join(', ')})`

/** Why nobody can take what waits: no worker has the code of it, or none that has it has the labels. */
function lonelyVerdict(grounds: readonly Ground[], lonely: readonly Queued[]): Verdict {
  const unknown = lonely.filter(({ name }) => !grounds.some(({ offers }) => offers.includes(name)))
  const named = unknown.length > 0 ? unknown : lonely
  const where = namesText(named.map(({ name }) => name))
  const what = namesText(named.map(waitingText))
  return unknown.length > 0
    ? warn(
        `no worker offers what waits: ${what}`,
        where,
        'start a worker with their module: covey node --roles worker --workflows FILE',
      )
    : warn(
        `no worker that offers it has the labels that what waits requires: ${what}`,
        where,
        'start a worker with them: covey node --roles worker --workflows FILE --label LABEL; covey job ID names those that are missing',
      )
}

async function lookAtBacklog({ nodes }: ClusterGround): Promise<Verdict | undefined> {
  const all = await nodes()
  const grounds = all.flatMap(({ ground }) => (ground === undefined ? [] : [ground]))
  if (grounds.length === 0) return undefined
  const queued = grounds.flatMap((ground) => ground.queued)
  const lonely = queued.filter(({ name, requires = [] }) => !grounds.some(canRun(name, requires)))
  // A worker that does not answer may offer them.
  if (lonely.length === 0 || grounds.length < all.length)
    return ok(`waiting for a worker: ${queued.reduce((sum, { count }) => sum + count, 0)}`)
  return lonelyVerdict(grounds, lonely)
}

/** What a cluster needs of its nodes. */
export const nodeChecks: readonly Check<ClusterGround>[] = [
  { name: 'leader', look: lookAtLeader },
  { name: 'nodes', look: lookAtNodes },
  { name: 'event loops', look: lookAtLoops },
  { name: 'names', look: lookAtNames },
  { name: 'clocks', look: lookAtClocks },
  { name: 'backlog', look: lookAtBacklog },
]
