import { parseArgs } from 'node:util'
import { type BenchName, benchNames } from './report/bench-report.js'
import { defaultSeconds } from './report/benchmark-document.js'

/** What the command line asks for. */
export interface BenchOptions {
  readonly names: readonly BenchName[]
  readonly json: boolean
  /** Writes `docs/benchmarks.md`, which holds all benchmarks. */
  readonly write: boolean
  /** Keeps the cores awake that have nothing to do. */
  readonly awake: boolean
  /** Seconds that each row is measured for, and its baseline as long again. */
  readonly seconds: number
}

/** How the command is used; the answer to `--help` and to every wrong word. */
export const usage = `npm run bench -- [NAME ...] [--awake] [--json] [--seconds S] [--write]

  NAME         ${benchNames.join(', ')}; all of them where none is named
  --awake      keep every core awake by an idle process, as on a server that is set for latency (Linux)
  --json       one JSON document on stdout for each benchmark, in place of tables (with npm run -s)
  --seconds S  seconds that each row is measured for, and its baseline as long again (default ${defaultSeconds})
  --write      write docs/benchmarks.md; takes no NAME, since the document holds them all`

/** The command line was not understood. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

const secondsMin = 0.1
const secondsMax = 600

function parseSeconds(text: string): number {
  const seconds = text.trim() === '' ? Number.NaN : Number(text)
  if (seconds >= secondsMin && seconds <= secondsMax) return seconds
  throw new UsageError(`--seconds takes a number from ${secondsMin} to ${secondsMax}, not "${text}"`)
}

function parseName(text: string): BenchName {
  const name = benchNames.find((known) => known === text)
  if (name !== undefined) return name
  throw new UsageError(`there is no benchmark "${text}"; there are ${benchNames.join(', ')}`)
}

function parseWords(words: readonly string[]) {
  try {
    return parseArgs({
      args: [...words],
      allowPositionals: true,
      options: {
        awake: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        write: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
        seconds: { type: 'string', default: String(defaultSeconds) },
      },
    })
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

/** Reads the words of the command line; undefined where they ask for help. Throws {@link UsageError}. */
export function parseOptions(words: readonly string[]): BenchOptions | undefined {
  const { values, positionals } = parseWords(words)
  if (values.help) return undefined
  if (values.write && positionals.length > 0) {
    throw new UsageError('--write takes no NAME: docs/benchmarks.md holds all benchmarks of one run')
  }
  const named = new Set(positionals.map(parseName))
  return {
    names: benchNames.filter((name) => named.size === 0 || named.has(name)),
    awake: values.awake,
    json: values.json,
    write: values.write,
    seconds: parseSeconds(values.seconds),
  }
}
