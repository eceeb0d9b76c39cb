import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

/** What the user wants. */
export interface WordCountOptions {
  /** The folder whose files are counted. */
  readonly root: string
  /** End after the job, where it would else stay until Ctrl-C. */
  readonly exit: boolean
  /** Kill a worker and the leading manager while they work. */
  readonly chaos: boolean
  /** `memory`: all in this process, without a broker. */
  readonly transport: 'nats' | 'memory'
  /** Serve the inspector while the cluster stays. */
  readonly inspect: boolean
}

/** What `--help` says. */
export const help = [
  'npm start -- [--input DIR] [--exit] [--chaos | --memory] [--no-inspect]',
  '',
  'Counts the words, lines and bytes of all files of a folder on a cluster of three managers and four workers.',
  '  --input DIR  the folder (default: node_modules of this checkout)',
  '  --exit       end after the job: 0 if the result is exact, 5 if not',
  '  --chaos      kill a worker at 20 % of the job and the leading manager at 50 %',
  '  --memory     the whole cluster in this process: needs no nats-server, and nothing is durable',
  '  --no-inspect  serve no inspector; with --exit there is none',
].join('\n')

const lostFlags = (environment: NodeJS.ProcessEnv): string[] =>
  ['exit', 'chaos', 'input', 'memory']
    .filter((flag) => environment[`npm_config_${flag}`] !== undefined)
    .map((flag) => `--${flag}`)

/** Reads the arguments; `help` where that is asked for. Throws an error with a line for the user. */
export function readArguments(
  args: readonly string[],
  folder: string,
  environment: NodeJS.ProcessEnv,
): WordCountOptions | 'help' {
  const lost = lostFlags(environment)
  if (lost.length > 0)
    throw new Error(`npm kept ${lost.join(' ')} for itself: write npm start -- ${lost.join(' ')}`)
  const { values } = parseArgs({
    args: [...args],
    options: {
      input: { type: 'string' },
      exit: { type: 'boolean', default: false },
      chaos: { type: 'boolean', default: false },
      memory: { type: 'boolean', default: false },
      'no-inspect': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  const { exit, chaos, memory } = values
  if (values.help) return 'help'
  if (chaos && memory) throw new Error('--chaos kills processes, and with --memory there is only this one')
  const root =
    values.input === undefined
      ? fileURLToPath(new URL('../../../node_modules', import.meta.url))
      : resolve(folder, values.input)
  const inspect = !exit && !values['no-inspect']
  return { root, exit, chaos, transport: memory ? 'memory' : 'nats', inspect }
}
