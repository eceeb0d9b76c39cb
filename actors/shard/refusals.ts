import {
  type Answer,
  type Command,
  CoveyError,
  type ErrorCode,
  joinWorkflowId,
  limits,
  reportOfError,
  shardOf,
  splitWorkflowId,
} from '@covey/protocol'
import type { ShardState } from './shard-state.js'

/** The answer to a command that cannot be carried out. */
export const answerError = (number: number, code: ErrorCode, message: string, mend?: string): Answer => ({
  type: 'error',
  number,
  error: reportOfError(
    new CoveyError(code, message, mend === undefined ? {} : { mend }),
    limits.errorTextMax,
  ),
})

const jobOf = (command: Command): string | undefined => {
  if ('job' in command) return command.job
  return 'workflow' in command ? splitWorkflowId(command.workflow).job : undefined
}

/** The answer to who takes the cluster for one of another number of shards, and so a job for one of this shard. */
export function answerMisplaced(shard: number, shards: number, command: Command): Answer | undefined {
  if (shards === 1) return undefined
  const job = jobOf(command)
  if (job === undefined || shardOf(job, shards) === shard) return undefined
  const what = `job ${job} belongs to shard ${shardOf(job, shards)} of ${shards}, and not to shard ${shard}`
  return answerError(
    command.number,
    'incompatible',
    what,
    'connect again: the cluster says how many shards it has',
  )
}

/** The answer about what is not there: it never was, or it is kept no more. */
export function answerAbsent(
  { expired }: Pick<ShardState, 'expired'>,
  number: number,
  job: string,
  step?: string,
): Answer {
  const what = step === undefined ? `job ${job}` : `workflow ${joinWorkflowId(job, step)}`
  return expired.has(job)
    ? answerError(number, 'expired', `${what} ended, and is kept no more`, 'ask sooner, or let more be kept')
    : answerError(number, 'not_found', `no ${what}`)
}

/** The answer to a submission that may be one that ran and was forgotten. */
export const answerTooOld = (number: number, job: string): Answer =>
  answerError(
    number,
    'too_old',
    `job ${job} was sent before the last of the jobs ended whose ids are forgotten: it may have run`,
    'see whether it had its effects; submit it again where it has not, or let more ids be kept (retention.ids)',
  )
