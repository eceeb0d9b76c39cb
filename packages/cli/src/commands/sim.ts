import { resolve } from 'node:path'
import { CoveyError, limits } from '@covey/protocol'
import type { TraceOptions } from '@covey/simulator'
import { parseFaultKinds, simulationLimits } from '@covey/simulator/trace'
import { InvalidArgumentError, Option } from 'commander'
import {
  type CommonOptions,
  type DefineCommand,
  describeCommand,
  secondsToMs,
  wholeNumber,
} from '../command-host.js'
import { exitCodes } from '../exit-codes.js'
import { withMovingLine } from '../moving-line.js'
import type { Played } from '../simulation/play.js'
import { readTrace, writeTrace } from '../simulation/trace-file.js'
import type { Terminal } from '../terminal.js'

interface SimOptions extends CommonOptions {
  readonly seed: number
  readonly nodes: number
  readonly minutes: number
  readonly faults: ReturnType<typeof parseFaultKinds>
  readonly pause?: number
  readonly jobs?: number
  readonly shards?: number
  readonly trace?: string
  readonly replay?: string
}

const kindsOf = (text: string): ReturnType<typeof parseFaultKinds> => {
  try {
    return parseFaultKinds(text)
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message)
  }
}

const minutesOf = (text: string): number => {
  const minutes = Number(text)
  if (/^\d+(\.\d+)?$/.test(text) && minutes > 0 && minutes <= simulationLimits.minutesMax) return minutes
  throw new InvalidArgumentError(`Take minutes, from above 0 to ${simulationLimits.minutesMax}.`)
}

function documentText({ trace, verdict, wallMs }: Played): string {
  const { seed, nodes, minutes } = trace
  const { steps, digest, violation } = verdict
  const violations = violation ? [violation] : []
  return JSON.stringify({ seed, nodes, minutes, steps, digest, violations, wallMs })
}

function verdictText({ verdict, wallMs }: Played): string {
  const { virtualMs, steps, transitions, digest, violation } = verdict
  const speed = Math.round(virtualMs / Math.max(1, wallMs))
  const seconds = Math.round(virtualMs / 1_000)
  return [
    `${seconds} s of ${steps} steps and ${transitions} transitions, ${speed} times real time, digest ${digest}`,
    ...(violation ? [`violated at ${violation.atMs} ms: ${violation.invariant}: ${violation.what}`] : []),
  ].join('\n')
}

/** What a person does next with a run that failed. */
function sayHowToReplay(terminal: Terminal, { trace, kept }: Played, file: string | undefined): void {
  terminal.say(`${kept.faults.length} of ${trace.faults.length} faults are enough:`)
  for (const fault of kept.faults) terminal.say(`  ${JSON.stringify(fault)}`)
  const { errands } = trace
  if (errands) terminal.say(`with ${kept.errands?.length ?? 0} of ${errands.length} errands of clients:`)
  for (const errand of kept.errands ?? []) terminal.say(`  ${JSON.stringify(errand)}`)
  terminal.say(
    file === undefined
      ? 'keep them:  the same command with --trace FILE, then covey sim --replay FILE'
      : `again:  covey sim --replay ${file}`,
  )
}

/** Throws `invalid_options` where there is nothing that shards could hold. */
function checkedShards(shards: number, jobs: number): number {
  if (shards === 1 || jobs > 0) return shards
  throw new CoveyError('invalid_options', `${shards} shards of no work`, {
    address: '--shards',
    mend: 'say with --jobs N how many jobs clients submit to them',
  })
}

async function run(terminal: Terminal, options: SimOptions): Promise<Played> {
  const { json = false, trace: file, replay } = options
  const inFolder = (path: string): string => resolve(terminal.folder, path)
  const { seed, nodes, minutes, faults: kinds, pause: pauseMs, jobs = 0, shards = 1 } = options
  const wanted: TraceOptions = {
    ...{ seed, nodes, minutes, kinds, jobs, shards: checkedShards(shards, jobs) },
    ...(pauseMs === undefined ? {} : { pauseMs }),
  }
  // Not before it is needed: to load it would take a tenth of the time in which any command starts.
  const { playAgain, playNew } = await import('../simulation/play.js')
  const played =
    replay === undefined ? await playNew(terminal, wanted) : await playAgain(readTrace(inFolder(replay)))
  if (file !== undefined) writeTrace(inFolder(file), played.kept)
  terminal.print(json ? documentText(played) : verdictText(played))
  if (played.verdict.violation && !json) sayHowToReplay(terminal, played, file ?? replay)
  return played
}

/** `covey sim`: a cluster in a seeded world, through every fault, with everything looked at that must hold. */
export const defineSim: DefineCommand = (program, host) => {
  describeCommand(
    program.command('sim'),
    'run a cluster in a simulated world under faults; the same seed and code end in the same digest',
    'covey sim --seed 7 --nodes 5 --minutes 10',
    'covey sim --seed 7 --faults crash,freeze --trace failing.json',
    'covey sim --seed 7 --nodes 5 --minutes 0.5 --jobs 10 --shards 4',
    'covey sim --replay failing.json',
  )
    .option('--seed <n>', 'what decides everything', wholeNumber(0, Number.MAX_SAFE_INTEGER), 1)
    .option('--nodes <n>', 'nodes of the cluster', wholeNumber(1, simulationLimits.nodesMax), 5)
    .option('--minutes <n>', 'time under faults', minutesOf, 5)
    .addOption(
      new Option('--faults <list>', 'what goes wrong: all, none, or names with commas')
        .argParser(kindsOf)
        .default(kindsOf('all'), 'all'),
    )
    .option('--trace <file>', 'write the faults to a file; where the run fails, the fewest that do')
    .option('--pause <seconds>', 'time between two faults on average (default: 4)', secondsToMs)
    .option('--jobs <n>', 'jobs that clients submit meanwhile', wholeNumber(0, simulationLimits.jobsMax))
    .option('--shards <n>', 'shards of its work (default: 1)', wholeNumber(1, limits.shardsMax))
    .addOption(
      // All of that is in the file.
      new Option('--replay <file>', 'run the faults of such a file').conflicts([
        ...['trace', 'seed', 'nodes', 'minutes', 'faults', 'pause', 'jobs', 'shards'],
      ]),
    )
    .action(async (options: SimOptions) => {
      const { verdict } = await withMovingLine(host.terminal, { what: 'simulating' }, (terminal) =>
        run(terminal, options),
      )
      if (verdict.violation) host.exitCode = exitCodes.failed
    })
}
