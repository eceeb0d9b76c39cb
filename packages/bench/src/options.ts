import { parseArgs } from 'node:util'
import { type BenchName, benchNames } from './report/bench-report.js'
import { defaultSeconds } from './report/benchmark-document.js'

/** A command of this package: what it is called by, what it can be asked for, what it writes. */
export interface BenchCommand<Name extends string> {
  /** The script of npm. */
  readonly script: string
  readonly names: readonly Name[]
  /** The page that `--write` writes, from the top of the project. */
  readonly document: string
}

/** `npm run bench`: everything of ours beside its bare baseline. */
export const benchCommand: BenchCommand<BenchName> = {
  script: 'bench',
  names: benchNames,
  document: 'docs/benchmarks.md',
}

/** What the command line asks for. */
export interface BenchOptions<Name extends string> {
  readonly names: readonly Name[]
  readonly json: boolean
  /** Writes the document of the command, which holds all its benchmarks. */
  readonly write: boolean
  /** Keeps the cores awake that have nothing to do. */
  readonly awake: boolean
  /** Seconds that each row is measured for, and its baseline as long again. */
  readonly seconds: number
}

/** How a command is used; the answer to `--help` and to every wrong word. */
export const usageOf = ({ script, names, document }: BenchCommand<string>): string =>
  `npm run ${script} -- [NAME ...] [--awake] [--json] [--seconds S] [--write]

  NAME         ${names.join(', ')}; all of them where none is named
  --awake      keep every core awake by an idle process, as on a server that is set for latency (Linux)
  --json       one JSON document on stdout for each benchmark, in place of tables (with npm run -s)
  --seconds S  seconds that each row is measured for, and its baseline as long again (default ${defaultSeconds})
  --write      write ${document}; takes no NAME, since the document holds them all`

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

function parseName<Name extends string>(text: string, names: readonly Name[]): Name {
  const name = names.find((known) => known === text)
  if (name !== undefined) return name
  throw new UsageError(`there is no benchmark "${text}"; there are ${names.join(', ')}`)
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
export function parseOptions<Name extends string>(
  words: readonly string[],
  { names, document }: BenchCommand<Name>,
): BenchOptions<Name> | undefined {
  const { values, positionals } = parseWords(words)
  if (values.help) return undefined
  if (values.write && positionals.length > 0) {
    throw new UsageError(`--write takes no NAME: ${document} holds all benchmarks of one run`)
  }
  const named = new Set(positionals.map((text) => parseName(text, names)))
  return {
    names: names.filter((name) => named.size === 0 || named.has(name)),
    awake: values.awake,
    json: values.json,
    write: values.write,
    seconds: parseSeconds(values.seconds),
  }
}
