import { hostname, userInfo } from 'node:os'
import { type CancelFilter, type CancelOutcome, cancelFilterFault, limits, liveStates } from '@covey/protocol'
import { type Command, Option } from 'commander'
import type { CancelAnswer, CancelCounts, Client, LiveState } from 'covey'
import { type ClusterOptions, type DefineCommand, describeClusterCommand } from '../command-host.js'
import { type ExitCode, exitCodes } from '../exit-codes.js'
import { withCluster } from '../session.js'
import { renderTable } from '../table.js'
import type { Terminal } from '../terminal.js'

interface CancelWishes extends ClusterOptions {
  readonly job?: string
  readonly name?: string
  readonly state: readonly LiveState[]
  readonly all?: true
  readonly reason?: string
}

const effects: readonly CancelOutcome[] = ['CANCELLED', 'PENDING_CANCELLED']

/** A cancel that found nothing left to cancel has failed; of one with too many workflows to list that is not known. */
const exitCodeOfCancel = ({ outcomes, more }: CancelAnswer): ExitCode =>
  more > 0 || outcomes.some(({ outcome }) => effects.includes(outcome)) ? exitCodes.done : exitCodes.failed

const exitCodeOfCounts = ({ cancelled, cancelling, unheard }: CancelCounts): ExitCode =>
  unheard.length === 0 && cancelled + cancelling > 0 ? exitCodes.done : exitCodes.failed

/** Whoever is told of a cancel also hears of whom. An account may have no name. */
function operator(): string {
  try {
    return `${userInfo().username}@${hostname()}`.slice(0, limits.nameTextMax)
  } catch {
    return hostname().slice(0, limits.nameTextMax)
  }
}

const filterOf = ({ job, name, state, all }: CancelWishes): CancelFilter => ({
  ...(job === undefined ? {} : { job }),
  ...(name === undefined ? {} : { name }),
  ...(state.length === 0 ? {} : { state }),
  ...(all === undefined ? {} : { all }),
})

const orderOf = ({ reason }: Pick<CancelWishes, 'reason'>) => ({
  by: operator(),
  ...(reason === undefined ? {} : { reason }),
})

/** Says that a list is cut, where documents are wanted by one of its own: the list itself has no room for it. */
function sayMore(terminal: Terminal, id: string, more: number, json: boolean): void {
  if (more === 0) return
  const [job = id] = id.split('/')
  terminal.say(
    json
      ? JSON.stringify({ more, mend: `covey job ${job} has all` })
      : `and ${more} more: see covey job ${job}`,
  )
}

/** `covey cancel` of one id. Answers the exit code. */
export async function cancelOne(
  terminal: Terminal,
  client: Pick<Client, 'cancel'>,
  id: string,
  wishes: Pick<CancelWishes, 'json' | 'reason'>,
): Promise<ExitCode> {
  const answer = await client.cancel(id, orderOf(wishes))
  const rows = answer.outcomes.map(({ id: workflow, outcome }) => [workflow, outcome])
  terminal.print(wishes.json ? JSON.stringify(answer.outcomes) : renderTable(['WORKFLOW', 'OUTCOME'], rows))
  sayMore(terminal, id, answer.more, wishes.json === true)
  return exitCodeOfCancel(answer)
}

/** `covey cancel` of all that fits a filter. Answers the exit code. */
export async function cancelMatching(
  terminal: Terminal,
  client: Pick<Client, 'cancelMatching'>,
  wishes: CancelWishes,
): Promise<ExitCode> {
  const counts = await client.cancelMatching(filterOf(wishes), orderOf(wishes))
  const { jobs, cancelled, cancelling, already, unheard } = counts
  const silent = unheard.map(({ shard, error: { code, message } }) => ({ shard, error: { code, message } }))
  terminal.print(
    wishes.json
      ? JSON.stringify({ jobs, cancelled, cancelling, already, unheard: silent })
      : renderTable(['JOBS', 'CANCELLED', 'CANCELLING', 'ALREADY'], [[jobs, cancelled, cancelling, already]]),
  )
  for (const { shard, error } of unheard) terminal.say(`shard ${shard} did not answer: ${error.message}`)
  return exitCodeOfCounts(counts)
}

const stateOption = new Option('--state <states...>', 'workflows in one of these states')
  .choices(liveStates)
  .default([], 'any')

/** One id, or a filter that names something: never both, and everything only in so many words. */
function refuseUnclear(command: Command, id: string | undefined, wishes: CancelWishes): void {
  const isFilter = Object.keys(filterOf(wishes)).length > 0
  if (id !== undefined && isFilter)
    command.error('error: name either an id, or what is to be cancelled by options')
  if (id === undefined && !isFilter)
    command.error('error: name an id, or --job, --name or --state; everything is cancelled by --all')
  const fault = isFilter ? cancelFilterFault(filterOf(wishes)) : undefined
  if (fault !== undefined) command.error(`error: ${fault}`)
}

/** `covey cancel`: a job, one workflow with those that wait for it, or all that fit a filter. */
export const defineCancel: DefineCommand = (program, host) => {
  const { terminal } = host
  const command = describeClusterCommand(
    program.command('cancel'),
    'cancel a job, one workflow and those that wait for it, or all that fit a filter',
    'covey cancel nightly-2026-01-31 --reason "wrong day"',
    'covey cancel nightly-2026-01-31/store',
    'covey cancel --name "resize-*" --state queued running',
    'covey cancel --all',
  )
  command
    .argument('[id]', 'JOB or JOB/STEP')
    .option('--job <glob>', 'workflows of jobs whose id matches')
    .option('--name <glob>', 'workflows whose name matches')
    .addOption(stateOption)
    .option('--all', 'everything')
    .option('--reason <text>', 'why, for what is stopped and for whoever looks later')
    .action((id: string | undefined, wishes: CancelWishes) => {
      refuseUnclear(command, id, wishes)
      return withCluster(terminal, wishes, async ({ client }) => {
        host.exitCode = await (id === undefined
          ? cancelMatching(terminal, client, wishes)
          : cancelOne(terminal, client, id, wishes))
      })
    })
}
