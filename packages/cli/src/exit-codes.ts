import type { CoveyError, ErrorCode } from '@covey/protocol'

/** What the end of a command means to the shell that called it. */
export const exitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
  unreachable: 3,
  setUpFailed: 4,
  inexact: 5,
  deadline: 6,
  interrupted: 130,
} as const

/** One of {@link exitCodes}. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

const { usage, unreachable, setUpFailed, deadline } = exitCodes

/** What is not listed here says that the work itself failed. */
const byErrorCode: Partial<Record<ErrorCode, ExitCode>> = {
  invalid_id: usage,
  invalid_options: usage,
  invalid_job: usage,
  too_large: usage,
  cluster_not_found: unreachable,
  unreachable,
  unavailable: unreachable,
  storage_full: unreachable,
  no_leader: unreachable,
  permission_denied: unreachable,
  broker_missing: setUpFailed,
  broker_failed: setUpFailed,
  broker_unsuitable: setUpFailed,
  folder_unusable: setUpFailed,
  store_locked: setUpFailed,
  log_foreign: setUpFailed,
  module_failed: setUpFailed,
  invalid_definition: setUpFailed,
  name_in_use: setUpFailed,
  incompatible: setUpFailed,
  deadline,
}

/**
 * The exit code that an error of ours ends a command with. One by which a workflow ended is a failure of the work,
 * whatever its code: `too_large` is a wrong call where it is the input, and not where it is the result.
 */
export const exitCodeOf = ({ code, job }: Pick<CoveyError, 'code' | 'job'>): ExitCode =>
  job === undefined ? (byErrorCode[code] ?? exitCodes.failed) : exitCodes.failed
