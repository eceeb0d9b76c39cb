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
import { CancelStorms } from './cancel-storms.js'
import { departedUntouched } from './departed-untouched.js'
import { drawStrikes } from './draw-strikes.js'
import { type Findings, linesOf, wrongOf } from './findings.js'
import { strikeOn } from './strike-on.js'
import { unequalViews } from './unequal-views.js'
import { untilHeard } from './until-heard.js'

/** What is counted while the cluster is struck at. */
export interface LongChaosOptions extends LongChaosTimes {
  readonly root: string
  readonly files: readonly ListedFile[]
  /** The nodes whose processes have ended so far, once for each. */
  readonly exits: readonly string[]
  /** Ends it early. */
  readonly signal: AbortSignal
}

/** What every node sees has to be the same so soon after the last blow: a frozen one takes a lease to depart. */
const viewsDeadlineMs = 60_000

const minuteMs = 60_000

const exact = 'exact'

/**
 * Counts the same files as job after job while nodes and the broker are killed, nodes are stopped, and storms of cancels
 * come, at random, and checks each of them. Resolves with 0 when no job was lost or wrong, every cancel was answered as
 * what it did and is final, nobody departed who was not killed or stopped, and every node sees the same nodes in the end.
 */
export async function runLongChaos(
  { root, files, exits, minutes, seed, signal }: LongChaosOptions,
  cluster: LaunchedCluster,
  client: Client,
  terminal: Terminal,
): Promise<ExitCode> {
  const startedAtMs = performance.now()
  const names = cluster.nodes.map(({ name }) => name)
  const expected = await countPlainly(root, files)
  const steps = stepsOf(root, files)
  const strikes = drawStrikes(seed, minutes * minuteMs)
  terminal.say(`chaos: ${strikes.length} blows in ${minutes} min, seed ${seed}`)
  const failure = new AbortController()
  const storms = new CancelStorms(client, seed, terminal.say)
  const acts = { say: terminal.say, storm: (share: number) => storms.begin(share) }
  const blows = strikeOn(cluster, strikes, acts, AbortSignal.any([signal, failure.signal]))
  const counting = countAgain(steps, expected, client, terminal, blows)
  counting.catch(() => failure.abort())
  const [struck, verdicts] = await Promise.all([blows, counting])
  terminal.doing('waiting for the end of all that was cancelled')
  const cancels = await storms.over()
  terminal.doing('waiting until every node sees the same')
  const findings: Findings = {
    ...{ blows: struck, cancels, jobs: verdicts.length },
    workflows: verdicts.length * Object.keys(steps).length,
    inexact: verdicts.filter((verdict) => !verdict.endsWith(`: ${exact}`)),
    unequal: await unequalViews(client, names, viewsDeadlineMs),
    departed: await departedUntouched(client, names, [...struck.stopped, ...exits]),
  }
  for (const line of linesOf(findings)) terminal.say(line)
  const wrong = wrongOf(findings)
  const ok = wrong.length === 0
  const { jobs, workflows } = findings
  const { kills, freezes, brokerKills } = struck
  const { cancelled, completed } = cancels
  const ms = Math.round(performance.now() - startedAtMs)
  const done = { kills, freezes, brokerKills, storms: struck.storms, cancels: cancels.cancels }
  terminal.print(
    JSON.stringify({ ok, seed, jobs, workflows, ...done, cancelled, spared: completed, wrong, ms }),
  )
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
  try {
    const job = await untilHeard(() => client.submitJob({ id, workflows }))
    const table = tableSchema.parse(await untilHeard(() => job.result(totalStep)))
    return isSame(table, expected) ? exact : 'NOT EXACT'
  } catch (error) {
    if (!(error instanceof CoveyError)) throw error
    return `lost: ${error.message}`
  }
}
