import type { StormReport } from './cancel-storms.js'
import type { Blows } from './strike-on.js'

/** All that a run has done and found. */
export interface Findings {
  readonly blows: Blows
  readonly cancels: StormReport
  /** Counts, and their workflows. */
  readonly jobs: number
  readonly workflows: number
  /** Counts that were lost or came to something else. */
  readonly inexact: readonly string[]
  /** Nodes that see another otherwise than active. */
  readonly unequal: readonly string[]
  /** Nodes that departed although nobody touched them. */
  readonly departed: readonly string[]
}

/** A line for each thing that is wrong; none where the run has passed. */
export const wrongOf = ({ inexact, cancels, departed, unequal }: Findings): string[] => [
  ...inexact,
  ...cancels.wrong,
  ...departed,
  ...unequal,
]

/** What a person reads at the end: what was done, what was found right, and all that was found wrong. */
export function linesOf(findings: Findings): string[] {
  const { blows, cancels, jobs, workflows, inexact, departed, unequal } = findings
  const { kills, freezes, brokerKills, storms, struck } = blows
  const done = `done: kill -9 of nodes ${kills}, SIGSTOP of nodes ${freezes}, nodes struck ${struck.size}; kill -9 of the broker ${brokerKills}; storms ${storms}, cancels ${cancels.cancels}`
  const verified = [
    `counts exact ${jobs - inexact.length} of ${jobs}, workflows in them ${workflows}`,
    `cancelled in storms ${cancels.cancelled}, spared and exact ${cancels.completed}, wrong ends and answers ${cancels.wrong.length}`,
    `departed untouched ${departed.length}`,
    `views unequal ${unequal.length}`,
  ]
  return [done, `found: ${verified.join('; ')}`, ...wrongOf(findings).map((line) => `chaos: WRONG: ${line}`)]
}
