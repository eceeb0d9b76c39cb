import { CoveyError, causesOf, type ErrorCause, limits, reportOfError } from '@covey/protocol'
import { CommanderError } from 'commander'
import { type ExitCode, exitCodeOf, exitCodes } from './exit-codes.js'
import { Interruption } from './interruption.js'
import { paintOfWords } from './paint.js'
import type { Terminal } from './terminal.js'

interface Failure {
  readonly code: string
  readonly message: string
  readonly address?: string
  readonly mend?: string
  /** Of a workflow that failed: which one, and what its function threw. */
  readonly job?: string
  readonly step?: string
  readonly attempt?: number
  readonly node?: string
  readonly before?: readonly string[]
  readonly causes?: readonly ErrorCause[]
}

const usageFailure = (error: CommanderError): Failure => ({
  code: 'usage',
  message: error.message === '(outputHelp)' ? 'no command was given' : error.message.replace(/^error: /, ''),
  mend: 'see covey --help, or covey COMMAND --help',
})

/** What none of our own errors explains is a defect: its stack is the one thing that helps. */
const defectOf = (error: unknown): Failure => ({
  code: 'defect',
  message: error instanceof Error ? (error.stack ?? error.message) : String(error),
})

/** An error of ours; where it ended a workflow, with what the function threw and where. */
function failureOf(error: CoveyError): Failure {
  const report = reportOfError(error, limits.errorTextMax)
  const { job, step, attempt, node, before } = error
  if (job === undefined || step === undefined) return report
  return {
    ...report,
    job,
    step,
    ...(attempt === undefined ? {} : { attempt }),
    ...(node === undefined ? {} : { node }),
    ...(before === undefined ? {} : { before }),
    causes: causesOf(error.cause),
  }
}

const causeText = ({ name, message, stack }: ErrorCause): string =>
  `caused by ${name}: ${message}${stack === undefined ? '' : `\n${stack}`}`

function tell(terminal: Terminal, failure: Failure, json: boolean): void {
  if (json) {
    terminal.say(JSON.stringify({ error: failure }))
    return
  }
  const paint = paintOfWords(terminal)
  terminal.say(`${paint.bad(`error ${failure.code}`)}: ${failure.message}`)
  if (failure.mend !== undefined) terminal.say(`→ ${failure.mend}`)
  for (const earlier of failure.before ?? []) terminal.say(`an attempt before: ${earlier}`)
  for (const cause of failure.causes ?? []) terminal.say(causeText(cause))
}

/**
 * Says on stderr why a command failed, as one line and what to do, or with `json` as one document, and answers the
 * exit code that belongs to it.
 */
export function reportFailure(terminal: Terminal, error: unknown, json: boolean): ExitCode {
  if (error instanceof Interruption) return exitCodes.interrupted
  if (error instanceof CommanderError) {
    // Help and version that the user has asked for.
    if (error.exitCode === 0) return exitCodes.done
    tell(terminal, usageFailure(error), json)
    return exitCodes.usage
  }
  if (error instanceof CoveyError) {
    tell(terminal, failureOf(error), json)
    return exitCodeOf(error)
  }
  tell(terminal, defectOf(error), json)
  return exitCodes.failed
}
