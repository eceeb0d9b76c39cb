import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

/** How long nodes are struck at, and what decides who, and when. */
export interface LongChaosTimes {
  readonly minutes: number
  readonly seed: number
}

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
  /** Servers of the broker. */
  readonly servers: 1 | 3
  /** Shards of the cluster. */
  readonly shards: number
  /** Serve the inspector while the cluster stays. */
  readonly inspect: boolean
  /** Count again and again while nodes are killed and stopped at random, in place of one count. */
  readonly long?: LongChaosTimes
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
  '  --servers N  servers of the broker: 1, or 3 with three copies of everything (default: 1)',
  '  --shards N   shards of the cluster, which its managers share (default: 1)',
  '  --no-inspect  serve no inspector; with --exit there is none',
  '',
  'npm run chaos -- [--minutes M] [--seed S] [--servers N] [--shards N] [--input DIR]',
  '',
  'Counts again and again while nodes are killed and stopped, servers of the broker are killed, and storms of cancels come, at random:',
  '0 if no job is lost or wrong, every cancel is what it was answered as, nobody departs who was not killed or stopped, and every node sees the',
  'same nodes in the end; 5 if not, with what is wrong.',
  '  --minutes M  for so long (default: 10)',
  '  --seed S     who is struck, and when (default: another one each time)',
].join('\n')

const lostFlags = (environment: NodeJS.ProcessEnv): string[] =>
  ['exit', 'chaos', 'input', 'memory', 'servers', 'shards']
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
      minutes: { type: 'string' },
      seed: { type: 'string' },
      servers: { type: 'string', default: '1' },
      shards: { type: 'string', default: '1' },
      help: { type: 'boolean', default: false },
    },
  })
  const { exit, chaos, memory } = values
  if (values.help) return 'help'
  const servers = serversOf(values.servers)
  if (servers === 3 && memory)
    throw new Error('--servers are processes, and with --memory there is only this one')
  const root =
    values.input === undefined
      ? fileURLToPath(new URL('../../../node_modules', import.meta.url))
      : resolve(folder, values.input)
  const minutes = numberOf('minutes', values.minutes)
  const seed = numberOf('seed', values.seed)
  if (minutes === undefined && seed !== undefined) throw new Error('--seed decides for --minutes alone')
  if (memory)
    refuseInMemory({ '--chaos': chaos, '--minutes': minutes !== undefined, '--servers': servers === 3 })
  const ends = exit || minutes !== undefined
  return {
    ...{ root, exit: ends, chaos, servers, transport: memory ? 'memory' : 'nats' },
    shards: shardsOf(values.shards),
    inspect: !ends && !values['no-inspect'],
    ...(minutes === undefined
      ? {}
      : { long: { minutes, seed: seed ?? Math.floor(Math.random() * 2 ** 31) } }),
  }
}

function refuseInMemory(wanted: Readonly<Record<string, boolean>>): void {
  for (const [flag, isWanted] of Object.entries(wanted))
    if (isWanted) throw new Error(`${flag} needs processes, and with --memory there is only this one`)
}

function serversOf(text: string): 1 | 3 {
  if (text === '1') return 1
  if (text === '3') return 3
  throw new Error(`--servers is 1 or 3, not ${text}`)
}

function shardsOf(text: string): number {
  const shards = Number(text)
  if (Number.isInteger(shards) && shards >= 1) return shards
  throw new Error(`--shards is a whole number of 1 or more, not ${text}`)
}

function numberOf(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const number = Number(text)
  if (text.trim() === '' || !(number >= 0 && Number.isFinite(number)))
    throw new Error(`--${flag} is a number of 0 or more, not ${text}`)
  return number
}
