import {
  aborted,
  type ExitCode,
  exitCodes,
  followJob,
  type Interruptions,
  inspectorText,
  type LaunchedCluster,
  type Terminal,
  unlessAborted,
} from '@covey/cli'
import type { Client, SubmittedJob } from 'covey'
import type { WordCountOptions } from './arguments.js'
import { createChaos } from './chaos.js'
import { launchCrew } from './crew.js'
import { freezeFileList, type ListedFile } from './file-list.js'
import { stepsOf } from './job-steps.js'
import { runLongChaos } from './long-chaos/run-long-chaos.js'
import { countPlainly } from './plain-count.js'
import { totalStep } from './plan.js'
import { isSame, tableText } from './report.js'
import { type Table, totalOf } from './tally.js'
import { tableSchema } from './workflows.js'

const lookNext = {
  nats: [
    'the cluster goes on; in another terminal:',
    '  npx covey status',
    '  npx covey job word-count',
    '  npx covey transitions --follow',
    'Ctrl-C ends it',
  ].join('\n'),
  memory: 'the cluster goes on in this process, where no other reaches it; Ctrl-C ends it',
} as const

/** A count of which a part is over before it can be disturbed is done again, so many times in all. */
const countsMax = 5

interface Counted {
  readonly table: Table
  readonly workflows: number
  readonly ms: number
}

interface Disturbed extends Counted {
  /** Each of them has to be exact; the last one is told. */
  readonly tables: readonly Table[]
  /** What was to be killed on the way has been killed. */
  readonly disturbed: boolean
}

/** Gives the whole count to the cluster as one job, and waits for the table at the root of its tree. */
async function countOnce(
  id: string,
  { root }: WordCountOptions,
  files: readonly ListedFile[],
  client: Client,
  follow: (job: SubmittedJob) => Promise<unknown>,
): Promise<Counted> {
  const startedAtMs = performance.now()
  const workflows = stepsOf(root, files)
  const job = await client.submitJob({ id, workflows })
  await follow(job)
  const table = tableSchema.parse(await job.result(totalStep))
  return {
    table,
    workflows: Object.keys(workflows).length,
    ms: Math.round(performance.now() - startedAtMs),
  }
}

/** Counts until all that was to be killed on the way has been killed: once, where there is enough to count. */
async function countOnCluster(
  options: WordCountOptions,
  files: readonly ListedFile[],
  cluster: LaunchedCluster,
  client: Client,
  terminal: Terminal,
): Promise<Disturbed> {
  const chaos = createChaos(cluster, client, terminal.say)
  const follow = (job: SubmittedJob) => followJob(terminal, client, job, options.chaos ? chaos : {})
  const tables: Table[] = []
  for (;;) {
    const id = tables.length === 0 ? 'word-count' : `word-count-${tables.length + 1}`
    const counted = await countOnce(id, options, files, client, follow)
    tables.push(counted.table)
    const disturbed = chaos.isDone || !options.chaos
    if (disturbed || tables.length === countsMax) return { ...counted, tables, disturbed }
    terminal.say('the job was over before all could be killed, and is done once more')
  }
}

const leftOutNamedMax = 5

/** What is not counted, and why: the first of it by name. */
function leftOutText(leftOut: readonly string[]): string {
  const named = leftOut.slice(0, leftOutNamedMax).join(', ')
  const more = leftOut.length - leftOutNamedMax
  return `left out, because it cannot be read: ${named}${more > 0 ? `, and ${more} more` : ''}`
}

const verdictOf = (exact: boolean, disturbed: boolean): string => {
  if (!exact) return 'NOT EXACT: a plain count of the same files comes to something else'
  return disturbed
    ? 'exact: a plain count in one process says the same'
    : `${countsMax} jobs were over before all could be killed`
}

/** Those that have lived from the first moment to this: who was killed is started again, and has not survived. */
function survivorsOf({ nodes, exits }: LaunchedCluster): string[] {
  const ended = new Set(exits.map(({ name }) => name))
  return nodes.map(({ name }) => name).filter((name) => !ended.has(name))
}

/** Counts on the cluster and by other code, writes both outcomes, and answers whether all is as it was to be. */
async function count(
  options: WordCountOptions,
  files: readonly ListedFile[],
  cluster: LaunchedCluster,
  client: Client,
  terminal: Terminal,
): Promise<ExitCode> {
  const counted = await countOnCluster(options, files, cluster, client, terminal)
  const { table, tables, workflows, ms, disturbed } = counted
  terminal.print(tableText(table))
  const binary = files.length - totalOf(table).files
  if (binary > 0) terminal.say(`not counted, because they are no text: ${binary} files`)
  terminal.doing('counting the same files by other code, in one process')
  const plain = await countPlainly(options.root, files)
  const exact = tables.every((one) => isSame(one, plain))
  terminal.say(verdictOf(exact, disturbed))
  const ok = exact && disturbed
  const survived = survivorsOf(cluster)
  terminal.print(JSON.stringify({ ok, ...totalOf(table), workflows, survived, ms }))
  return ok ? exitCodes.done : exitCodes.inexact
}

/**
 * Starts a cluster of three managers and four workers, counts the words of a folder on it, and checks the outcome.
 * Resolves with the exit code when the cluster is gone; rejects with what went wrong, or `Interruption`.
 */
export async function runWordCount(
  options: WordCountOptions,
  terminal: Terminal,
  { first, second }: Interruptions,
): Promise<ExitCode> {
  const { files, leftOut } = await freezeFileList(options.root)
  terminal.say(`${files.length} files below ${options.root}`)
  if (leftOut.length > 0) terminal.say(leftOutText(leftOut))
  terminal.doing('starting the cluster')
  const exits: string[] = []
  const crew = { ...options, onExit: (name: string) => void exits.push(name) }
  const cluster = await launchCrew(crew, terminal, first)
  if (cluster.inspector !== null) terminal.say(inspectorText(cluster.inspector))
  void aborted(second).then(() => cluster.stop({ now: true }))
  try {
    const client = await cluster.connect()
    try {
      const { root, long } = options
      const work =
        long === undefined
          ? count(options, files, cluster, client, terminal)
          : runLongChaos({ ...long, root, files, exits, signal: first }, cluster, client, terminal)
      const code = await unlessAborted(AbortSignal.any([first, cluster.lost]), work)
      if (options.exit) return code
      terminal.doing(undefined)
      terminal.say(lookNext[options.transport])
      await aborted(first)
      return code
    } finally {
      await client.close()
    }
  } finally {
    terminal.doing('the nodes say goodbye')
    // Without the broker no goodbye would be heard.
    await cluster.stop({ now: cluster.lost.aborted })
  }
}
