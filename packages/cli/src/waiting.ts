import type { Command } from 'commander'
import type { DeadlineOptions } from 'covey'
import { type ClusterOptions, secondsToMs } from './command-host.js'
import type { Terminal } from './terminal.js'

/** Options of a command that may wait for the end of a job. */
export interface WaitOptions extends ClusterOptions {
  readonly wait?: boolean
  /** Milliseconds. */
  readonly deadline?: number
}

/** Adds `--deadline`. */
export const describeDeadline = (command: Command): Command =>
  command.option('--deadline <seconds>', 'give up waiting after this long (exit code 6)', secondsToMs)

/** Ends a call with 2 that names a deadline and waits for nothing. */
export function refuseIdleDeadline(command: Command, { wait, deadline }: WaitOptions): void {
  if (deadline !== undefined && wait !== true)
    command.error('error: --deadline says how long --wait waits: give both, or none of them')
}

/** How long a command waits for the end of its job: without a deadline, as long as it takes. */
export const waitingOf = ({ deadline }: WaitOptions): DeadlineOptions =>
  deadline === undefined ? {} : { deadlineMs: deadline }

/** Says what Ctrl-C means while somebody waits. */
export function announceWaiting(terminal: Terminal, id: string): void {
  terminal.say(`waiting for job ${id}; Ctrl-C ends the waiting, covey cancel ${id} the job`)
  terminal.doing(`job ${id} runs`)
}
