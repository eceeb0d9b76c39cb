import { appendFileSync, existsSync, readFileSync } from 'node:fs'

/** The lines of a ledger, oldest first; none where there is no file yet. */
export const readLedger = (path) =>
  existsSync(path)
    ? readFileSync(path, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line))
    : []

/** The first seed after all that a ledger names. */
export const nextSeed = (lines) => lines.reduce((next, { to }) => Math.max(next, to + 1), 1)

/** What a run of the script comes to: one line. Seeds that were begun and not ended are left out. */
export const ledgerLine = ({ at, commit, command, from, verdicts }) => ({
  ...{ at, commit, command, from, to: verdicts.reduce((to, { seed }) => Math.max(to, seed), from) },
  seeds: verdicts.length,
  /** Those of them with work in the cluster; lines of before there was any have none. */
  jobSeeds: verdicts.filter(({ jobs = 0 }) => jobs > 0).length,
  /** Those of them whose cluster had several shards. */
  shardSeeds: verdicts.filter(({ shards = 1 }) => shards > 1).length,
  nodeHours: Number(verdicts.reduce((sum, { nodeHours }) => sum + nodeHours, 0).toFixed(2)),
  violations: verdicts
    .filter(({ violation }) => violation !== undefined)
    .map(({ seed, violation: { invariant } }) => ({ seed, invariant })),
})

export const appendLedger = (path, line) => appendFileSync(path, `${JSON.stringify(line)}\n`)
