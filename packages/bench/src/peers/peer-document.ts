import { awakeNote, flagsOf, type RunConditions } from '../report/benchmark-document.js'
import { markdownTable, markdownVerdicts } from '../report/markdown-table.js'
import { peerColumns } from './peer-columns.js'
import type { PeerBenchName, PeerReport } from './peer-report.js'
import { peerVerdictsOf } from './peer-targets.js'

const explanations: Record<PeerBenchName, string> = {
  dispatch: `Submit a job that adds one to a number of some bytes, and await its result: a client, and two workers of 512 slots, each a
process of its own, warmed up by up to 60,000 jobs; every result is looked at. Covey has a manager, a process more, and keeps
what it does in the log of a nats-server on disk, with fences. BullMQ has a Redis with what its makers advise for
production: an append-only file that is synced each second, nothing evicted, no snapshots; its client adds one job at a
call and awaits it by \`waitUntilFinished\`. Both survive the end of every process, and both lose the last moments when the power does
(nats-server syncs each two minutes, unless told otherwise).`,
  request: `A value with a text of 64 characters to another process and back, over one nats-server, packed and unpacked by each side and
looked at. Covey's bus packs msgpack; Moleculer is a broker with its defaults and the NATS transporter, which packs JSON, calls
an action, and balances, which the others do not; the bare one is \`nc.request\` of nats.js, with JSON.`,
}

const leftOutText = (leftOut: readonly string[]): string[] =>
  leftOut.length === 0 ? [] : [leftOut.map((line) => `- ${line}.`).join('\n')]

function section(report: PeerReport, conditions: RunConditions): string {
  return [
    `## ${report.name}`,
    explanations[report.name],
    `\`npm run bench:peers -- ${report.name}${flagsOf(conditions)}\`, with ${report.servers.join(' and ')}`,
    markdownTable(peerColumns, report.rows),
    ...leftOutText(report.leftOut),
    ...markdownVerdicts(peerVerdictsOf(report)),
  ].join('\n\n')
}

/** The text of `docs/benchmarks-peers.md`. It holds no date, so that only figures make it differ. */
export function peerDocument(reports: readonly PeerReport[], conditions: RunConditions): string {
  const [first] = reports
  return `${[
    '# Benchmarks beside peers',
    `Written by \`npm run bench:peers -- --write\`; do not edit. Machine: ${first?.cores ?? 0} cores, Node ${first?.node ?? ''} for all that
is measured, everything on this one machine. Each contender was measured for ${conditions.seconds} s, after half as long to get warm, in
five rounds that alternate with those of the others; a figure is the median of its rounds, a latency that of all rounds
together, a ratio that of Covey per second to the row, by rounds beside each other. Trust ratios more than
figures.${conditions.awake ? awakeNote : ''} What else these projects can do, and how they do with work that takes time, is not measured;
nor is what is [not measured](benchmarks.md#what-is-not-measured) of Covey alone.`,
    ...reports.map((report) => section(report, conditions)),
  ].join('\n\n')}\n`
}
