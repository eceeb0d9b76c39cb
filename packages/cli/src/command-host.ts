import { limits } from '@covey/protocol'
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { AddressOptions } from './address.js'
import { type ExitCode, exitCodes } from './exit-codes.js'
import type { Terminal } from './terminal.js'

/** What every command is given, and where it leaves how it ended. */
export interface CommandHost {
  readonly terminal: Terminal
  /** 0 until a command says otherwise; a command that throws ends with the code of its error. */
  exitCode: ExitCode
}

/** Makes the host of one call. */
export const createHost = (terminal: Terminal): CommandHost => ({ terminal, exitCode: exitCodes.done })

/** Adds one command to the program. */
export type DefineCommand = (program: Command, host: CommandHost) => void

/** Options of every command. */
export interface CommonOptions {
  readonly json?: boolean
}

/** Options of every command about a cluster that runs. */
export interface ClusterOptions extends CommonOptions, AddressOptions {}

/** Adds `--json`, and an example below the help. */
export const describeCommand = (command: Command, about: string, ...examples: readonly string[]): Command =>
  command
    .description(about)
    .option('--json', 'write one JSON document, or one per line for streams')
    .addHelpText('after', ['', 'Example:', ...examples.map((example) => `  $ ${example}`)].join('\n'))

/** Adds the options that name a cluster. */
export const describeClusterCommand = (
  command: Command,
  about: string,
  ...examples: readonly string[]
): Command =>
  describeCommand(command, about, ...examples)
    .option(
      '--server <url>',
      'address of the broker, of several servers with commas between (default: COVEY_SERVER, else .covey/cluster.json upwards)',
    )
    .option('--cluster <name>', 'name of the cluster')

/** Reads a whole number between two bounds. */
export const wholeNumber =
  (min: number, max: number) =>
  (text: string): number => {
    const value = Number(text)
    if (/^-?\d+$/.test(text) && value >= min && value <= max) return value
    throw new InvalidArgumentError(`Take a whole number from ${min} to ${max}.`)
  }

/** Reads how many servers a broker has, or how many copies its streams: one for none to lose, three for one. */
export const oneOrThree = (text: string): 1 | 3 => {
  if (text === '1') return 1
  if (text === '3') return 3
  throw new InvalidArgumentError('Take 1 or 3.')
}

/** Reads a duration in seconds into milliseconds. */
export const secondsToMs = (text: string): number => {
  const value = Number(text)
  if (/^\d+(\.\d+)?$/.test(text) && value > 0 && value <= 86_400) return value * 1_000
  throw new InvalidArgumentError('Take seconds, from above 0 to 86400.')
}

const collect = (text: string, before: readonly string[] = []): readonly string[] => [...before, text]

/** An option that may be given several times. */
export const severalOption = (flags: string, about: string): Option =>
  new Option(flags, about).argParser(collect).default([], 'none')

/** The modules of workflows that a command loads: an option that may be given several times. */
export const workflowsOption = (about: string): Option => severalOption('--workflows <file>', about)

/** How many shards a new cluster is to have. */
export const shardsOption = (): Option =>
  new Option(
    '--shards <n>',
    'shards of a new cluster, so that several managers lead (default: those that it has, else 1)',
  ).argParser(wholeNumber(1, limits.shardsMax))
