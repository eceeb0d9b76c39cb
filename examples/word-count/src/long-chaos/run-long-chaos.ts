import { setTimeout as wait } from 'node:timers/promises'
import { type ExitCode, exitCodes, type LaunchedCluster, type Terminal } from '@covey/cli'
import { type Client, CoveyError } from 'covey'
import type { LongChaosTimes } from '../arguments.js'
import type { ListedFile } from '../file-list.js'
import { stepsOf } from '../job-steps.js'
import { countPlainly } from '../plain-count.js'
import { totalStep } from '../plan.js'
import { isSame } from '../report.js'
import type { Table } from '../tally.js'
import { tableSchema } from '../workflows.js'
import { drawStrikes } from './draw-strikes.js'
import { strikeOn } from './strike-on.js'
import { unequalViews } from './unequal-views.js'

/** What is counted while the cluster is struck at. */
export interface LongChaosOptions extends LongChaosTimes {
  readonly root: string
  readonly files: readonly ListedFile[]
  readonly servers: 1 | 3
  /** Ends it early. */
  readonly signal: AbortSignal
}

/** What every node sees has to be the same so soon after the last blow: a frozen one takes a lease to depart. */
const viewsDeadlineMs = 60_000
/** Nobody may lead for as long as all managers are stopped. */
const submitPauseMs = 500

const minuteMs = 60_000

const exact = 'exact'

/**
 * Counts the same files as job after job while nodes are killed and stopped at random, and checks each of them. Resolves
 * with 0 when no job was lost or wrong, and every node sees the same nodes in the end.
 */
export async function runLongChaos(
  { root, files, minutes, seed, servers, signal }: LongChaosOptions,
  cluster: LaunchedCluster,
  client: Client,
  terminal: Terminal,
): Promise<ExitCode> {
  const startedAtMs = performance.now()
  const names = cluster.nodes.map(({ name }) => name)
  const expected = await countPlainly(root, files)
  const steps = stepsOf(root, files)
  const strikes = drawStrikes(seed, minutes * minuteMs, servers)
  terminal.say(`chaos: ${strikes.length} blows in ${minutes} min, seed ${seed}`)
  const failure = new AbortController()
  const blows = strikeOn(cluster, strikes, terminal.say, AbortSignal.any([signal, failure.signal]))
  const counting = countAgain(steps, expected, client, terminal, blows)
  counting.catch(() => failure.abort())
  const [blown, verdicts] = await Promise.all([blows, counting])
  terminal.doing('waiting until every node sees the same')
  const unequal = await unequalViews(client, names, viewsDeadlineMs)
  const wrong = verdicts.filter((verdict) => !verdict.endsWith(`: ${exact}`))
  for (const line of unequal) terminal.say(line)
  const ok = wrong.length === 0 && unequal.length === 0
  const jobs = verdicts.length
  const workflows = jobs * Object.keys(steps).length
  const ms = Math.round(performance.now() - startedAtMs)
  terminal.print(JSON.stringify({ ok, seed, jobs, workflows, ...blown, wrong, unequal, ms }))
  return ok ? exitCodes.done : exitCodes.inexact
}

type Steps = ReturnType<typeof stepsOf>

/** Counts until something else is over, at least once, and answers with a line for each job. */
async function countAgain(
  steps: Steps,
  expected: Table,
  client: Client,
  terminal: Terminal,
  until: Promise<unknown>,
): Promise<string[]> {
  const ending = new AbortController()
  const end = (): void => ending.abort()
  until.then(end, end)
  const verdicts: string[] = []
  do {
    const id = `word-count-${verdicts.length + 1}`
    const verdict = `${id}: ${await countAsJob(id, steps, expected, client)}`
    terminal.say(verdict)
    verdicts.push(verdict)
  } while (!ending.signal.aborted)
  return verdicts
}

/** Counts as one job, and says in words how that ended. */
async function countAsJob(id: string, workflows: Steps, expected: Table, client: Client): Promise<string> {
  for (;;) {
    try {
      const job = await client.submitJob({ id, workflows })
      const table = tableSchema.parse(await job.result(totalStep))
      return isSame(table, expected) ? exact : 'NOT EXACT'
    } catch (error) {
      if (!(error instanceof CoveyError)) throw error
      // Nobody leads at the moment: the same call may be repeated, since the id makes it the same job.
      if (error.code !== 'no_leader' && error.code !== 'unreachable') return `lost: ${error.message}`
      await wait(submitPauseMs)
    }
  }
}
