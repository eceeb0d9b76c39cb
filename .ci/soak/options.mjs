import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'

/** What `npm run soak` takes, for whoever asks or mistypes. */
export const usage = `npm run soak                     run seeds of the simulator under all faults until Ctrl-C
npm run soak -- fuzz             a million damaged frames; words after it go to mocha
npm run soak -- servers          ports and a cluster over three servers, of which some are killed; words after it go to mocha
  --seeds N      end after N seeds
  --minutes M    end after M minutes
  --from S       begin with this seed (default: after the last one of the ledger)
  --workers W    processes at a time (default: one for each core)
  --jobs         with work in every cluster: clients, jobs, cancels (small worlds, dense faults;
                 from seed 15,000 on three of four have several shards)
  --faults LIST  what goes wrong, as covey sim takes it (default: all)
  --ledger FILE  where a line is added at the end (default: docs/soak-ledger.jsonl)
  --traces DIR   where the shortest schedules that fail are written (default: .covey/soak)`

const wholeNumber = (name, text, min) => {
  if (text === undefined) return undefined
  const value = Number(text)
  if (/^\d+$/.test(text) && value >= min && value <= Number.MAX_SAFE_INTEGER) return value
  throw new Error(`--${name} takes a whole number from ${min}, not ${JSON.stringify(text)}`)
}

/** Reads the words of the command. Throws an `Error` that says what is wrong with them. */
export const parseSoakOptions = (args) => {
  const text = { type: 'string' }
  const { values } = parseArgs({
    args,
    options: {
      jobs: { type: 'boolean' },
      ...{ seeds: text, minutes: text, from: text, workers: text, faults: text, ledger: text, traces: text },
    },
  })
  return {
    seeds: wholeNumber('seeds', values.seeds, 1),
    minutes: wholeNumber('minutes', values.minutes, 1),
    from: wholeNumber('from', values.from, 0),
    workers: wholeNumber('workers', values.workers, 1) ?? availableParallelism(),
    jobs: values.jobs ?? false,
    faults: values.faults ?? 'all',
    ledger: values.ledger ?? 'docs/soak-ledger.jsonl',
    traces: values.traces ?? '.covey/soak',
  }
}
