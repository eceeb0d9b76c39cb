import type { BrokerContext } from '../bench-context.js'
import { type Contender, compare } from '../measure/compare.js'
import { withUndo } from '../process/undo.js'
import type { BenchRow } from '../report/bench-report.js'
import { QueuedCluster } from './queued-cluster.js'

/** Workflows that wait while the leader dies; a row's figure in flight. */
export const queuedMany = 10_000
const queuedFew = 100
/** The row that is about who leads next. */
export const takeoverLabel = 'told that the leader is gone, to work of the next'
/** The row that is about who comes. */
export const foldLabel = 'a manager that comes folds snapshot and tail'

/** One takeover a round, and one that gets warm: each takes as long as it takes, and some seconds to be prepared. */
const rounds = 5
/** The clock has no more to say of less. */
const shortestMs = 0.001

const perSecondOf = (tookMs: number): number => 1_000 / Math.max(tookMs, shortestMs)

const takeovers = (name: string, cluster: QueuedCluster): Contender => ({
  name,
  warmUp: () => cluster.takeOver(),
  async run(_durationMs, latencies) {
    const tookMs = await cluster.takeOver()
    latencies.take(tookMs)
    return perSecondOf(tookMs)
  },
})

/** What has been measured on the way, as a contender of its own; what was measured to get warm is left out. */
function measured(name: string, tookMs: readonly number[]): Contender {
  const rest = tookMs.slice(-rounds)
  return {
    name,
    warmUp: () => Promise.resolve(),
    async run(_durationMs, latencies) {
      const next = rest.shift()
      if (next === undefined) throw new Error(`${name}: fewer than ${rounds} have been measured`)
      latencies.take(next)
      return perSecondOf(next)
    },
  }
}

/** What queued workflows cost a change of the leader: the fold of a manager that comes, and the takeover itself. */
export const benchTakeover = (context: BrokerContext): Promise<BenchRow[]> =>
  withUndo(async (undo) => {
    context.say(`dispatch: takeover with ${queuedMany} queued`)
    const many = await QueuedCluster.start(context, 'queued-many', queuedMany, undo)
    await many.snapshotTaken()
    const few = await QueuedCluster.start(context, 'queued-few', queuedFew, undo)
    const duration = { seconds: context.seconds, rounds }
    const baseline = `${queuedFew} queued`
    const takeover = { ours: takeovers('ours', many), baselines: [takeovers(baseline, few)] }
    const taken = await compare({ label: takeoverLabel, inFlight: queuedMany, ...takeover }, duration)
    const fold = { ours: measured('ours', many.foldsMs), baselines: [measured(baseline, few.foldsMs)] }
    return [...taken, ...(await compare({ label: foldLabel, inFlight: queuedMany, ...fold }, duration))]
  })
