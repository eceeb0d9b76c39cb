import { CoveyError, limits } from '@covey/protocol'
import type { PlacingOptions } from 'covey'
import { type DefineCommand, describeClusterCommand, severalOption, wholeNumber } from '../command-host.js'
import { resultJson } from '../result-json.js'
import { type Session, withTracedCluster } from '../session.js'
import { parseStrictJson } from '../strict-json.js'
import type { Terminal } from '../terminal.js'
import {
  announceWaiting,
  describeDeadline,
  refuseIdleDeadline,
  type WaitOptions,
  waitingOf,
} from '../waiting.js'

interface SubmitOptions extends WaitOptions {
  readonly input?: string
  readonly id?: string
  readonly priority?: number
  readonly key?: string
  readonly require: readonly string[]
}

/** Reads what follows `--input`. Throws `invalid_options`. */
function parseInput(text: string | undefined): unknown {
  if (text === undefined) return undefined
  try {
    return parseStrictJson(text)
  } catch (cause) {
    throw new CoveyError('invalid_options', `--input is no JSON: ${(cause as SyntaxError).message}`, {
      address: '--input',
      mend: `quote it for the shell: --input '{"key": "value"}'`,
      cause,
    })
  }
}

const placingOf = ({ priority, key, require: requires }: SubmitOptions): PlacingOptions => ({
  ...(priority !== undefined && { priority }),
  ...(key !== undefined && { key }),
  ...(requires.length > 0 && { requires }),
})

const submission =
  (terminal: Terminal, name: string, input: unknown, options: SubmitOptions) =>
  async ({ client }: Session): Promise<void> => {
    const handle = await client.submit(name, input, {
      ...(options.id !== undefined && { id: options.id }),
      ...placingOf(options),
    })
    const { id, again } = handle
    if (options.wait !== true) {
      terminal.print(options.json ? JSON.stringify({ id, again }) : id)
      return
    }
    announceWaiting(terminal, id)
    const result = await handle.result(waitingOf(options))
    terminal.print(options.json ? resultJson({ id, state: 'completed', result }) : resultJson(result, 2))
  }

/** `covey submit`: one workflow as a job of its own. */
export const defineSubmit: DefineCommand = (program, { terminal }) => {
  const command = describeClusterCommand(
    program.command('submit'),
    'submit a workflow by its name; with an id, submitting it again is the same job',
    `covey submit greet --input '{"who": "world"}' --wait`,
    'covey submit nightly --id nightly-2026-01-31',
    'covey submit render --priority 5 --key tenant-7 --require gpu',
  )
    .argument('<name>', 'name of the workflow')
    .option('--input <json>', 'its input')
    .option('--id <id>', 'id of the job (default: drawn at random)')
    .option(
      '--priority <n>',
      `from ${limits.priorityMin} to ${limits.priorityMax}, the higher first (default: 0); a level is worth 5 minutes of waiting`,
      wholeNumber(limits.priorityMin, limits.priorityMax),
    )
    .option('--key <key>', 'workflows of one key share its limit, and keys take turns')
    .addOption(
      severalOption('--require <label>', 'label that its worker has to have; may be given several times'),
    )
    .option('--wait', 'wait for the result and write it')
  describeDeadline(command).action((name: string, options: SubmitOptions) => {
    refuseIdleDeadline(command, options)
    const input = parseInput(options.input)
    return withTracedCluster(terminal, options, submission(terminal, name, input, options))
  })
}
