import { CoveyError } from '@covey/protocol'
import { isInDoubt } from '../jobs/doubt.js'
import { type Execution, isLost } from '../jobs/executions.js'
import type { ToldTotals } from '../jobs/heard.js'
import type { LoggedWord } from '../jobs/read-log.js'
import { Tally, tallyOfWindows, tallyOfWord } from '../jobs/tally.js'
import { unread } from '../jobs/unread.js'
import type { DefineJobInvariant } from './invariant.js'

/** What is said to have been counted, and was not, or was and is not said. */
function differenceOf(said: readonly string[], counted: readonly string[]): string | undefined {
  const more = said.find((line) => !counted.includes(line))
  const less = counted.find((line) => !said.includes(line))
  if (more === undefined && less === undefined) return undefined
  return `"${more ?? 'nothing'}" in place of "${less ?? 'nothing'}"`
}

function linesOf({ statistics, token }: LoggedWord): readonly string[] {
  if (statistics === undefined) return []
  try {
    return tallyOfWord(statistics, token).lines()
  } catch (error) {
    if (error instanceof CoveyError) return [error.message]
    throw error
  }
}

/**
 * Invariant 7, of what functions count (ADR 70): what stands beside a word of the log is what the attempt counted that said it,
 * by its own notes; and what a client is told of a job is the sum of what those attempts counted that completed or failed its
 * workflows, each once, whatever was lost, doubled, late or tried again.
 */
export const trueCounts: DefineJobInvariant = ({ jobs, world }) => {
  const words = jobs.logs.all.map((log) => ({ shard: log.shard, fresh: unread(log.words) }))
  const totals = unread(jobs.totals)
  const begun = unread(jobs.executions)
  const counting = new Map<string, Execution>()
  /** What an attempt has counted, by its own notes; nothing of what was ended with the thread or process it ran in. */
  const tallyOf = (shard: number, token: string): Tally | undefined => {
    const execution = counting.get(`${shard} ${token}`)
    return execution === undefined || isLost(execution) ? undefined : execution.counted
  }

  /** What the attempts have counted that ended the workflows of a job; undefined where one has not ended. */
  function sumOf(job: string): Tally | undefined {
    const sum = new Tally()
    for (const id of jobs.workflowsOf(job)) {
      const end = jobs.ends.get(id)
      if (end === undefined) return undefined
      const { shard, wordsAt } = jobs.logs.of(id)
      const word = wordsAt.get(end.at)
      const isKept = word?.workflow === id && word.kind === end.state
      const tally = isKept ? tallyOf(shard, word.token) : undefined
      if (tally !== undefined) sum.merge(tally)
    }
    return sum
  }

  const totalFault = ({ client, job, windows }: ToldTotals): readonly string[] => {
    const sum = isInDoubt(jobs, job, world.heap.now()) ? undefined : sumOf(job)
    const wrong = sum && differenceOf(tallyOfWindows(windows).lines(), sum.lines())
    return wrong === undefined ? [] : [`${client} was told that ${job} has counted ${wrong}`]
  }

  const wordFault = (shard: number, word: LoggedWord): readonly string[] => {
    const counted = tallyOf(shard, word.token)?.lines() ?? []
    const wrong = differenceOf(linesOf(word), counted)
    return wrong === undefined ? [] : [`${word.workflow} counted under ${word.token} by the log ${wrong}`]
  }

  return {
    name: 'true-counts',
    look: () => {
      for (const execution of begun())
        counting.set(`${jobs.logs.of(execution.workflow).shard} ${execution.token}`, execution)
      return [
        ...words.flatMap(({ shard, fresh }) => fresh().flatMap((word) => wordFault(shard, word))),
        ...totals().flatMap(totalFault),
      ]
    },
  }
}
