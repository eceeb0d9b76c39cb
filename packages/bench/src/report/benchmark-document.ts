import type { BenchName, BenchReport } from './bench-report.js'
import { benchColumns } from './columns.js'
import { markdownTable, markdownVerdicts } from './markdown-table.js'
import { verdictsOf } from './targets.js'

const explanations: Record<BenchName, string> = {
  engine: `One event through a flat chart, and the birth and end of an actor. Ours is the actor system with \`fast()\`, and
the stepper that folds charts without an actor each; the baseline is stock XState: \`createActor\`, \`send\`, and its
pure \`transition\`. What nobody watches passes a hook for those who might, which is set beside a whole event. At the end an
event that takes a timer out and arms another goes to one of so many actors in turn, beside one of ten: what it costs more is
memory that is no longer near, and garbage that lives longer. All in one process; a latency is the mean of a thousand events in
a row.`,
  bus: `Two processes over one nats-server, payloads of 64 bytes. Ours is the port \`Bus\`, with its own correlation of
answers; the baseline is \`nc.request\` with the defaults of the client. One way: bursts of 256 messages, the last of
which is answered with how many arrived, so every message is accounted for; the latency is that of a whole burst.`,
  log: `Events of about 100 bytes into a stream with one copy on disk, each appender awaiting its own event before the
next. Ours is the group-commit writer (fenced, at most one append in flight). Baselines: \`js.publish\` with the expected
sequence, one event at a time; and a bare group commit of a few lines, which knows no retry, limit or barrier.`,
  dispatch: `Submit a workflow that adds one, and await its result: one manager, two workers of 512 slots, one client,
each a process of its own, warmed up by 60,000 workflows, and one nats-server with its store on disk. Every round is exact: as many right results as
submissions, and the manager's own count says the same. The baseline is a bare loop of the same design (leader, two
workers, client; submit, assignment and result in the log) on the same server, with plain objects for charts and
neither schemas, epochs, leases, credits, followers nor repeats. A cancel is measured from the call to the word of the function
that its signal has aborted, back in the process that cancelled: an append and three hops; beside it, one request and its reply. A takeover is measured
from when the next manager is told that the leader, killed with \`kill -9\`, has exited, as \`covey up\` tells of its children, to the
first attempt that it has given out, with 10,000 workflows queued and beside it with 100, once a round: the protocol waits 0.5 to
0.6 s of it. Each next leader came when the queue was there: how long it folded snapshot and tail is the last row, which
no takeover waits for while a manager is there that has folded.`,
  inspect: `The same work on two clusters of ours in turn, of which every node of one is tapped as by an inspector with an open
page, in nine rounds of the same time in all; the frames are heard in the process of the client, and read after the measurement. Each run says on stderr how many
bytes a transition took.`,
  sim: `Simulated seconds for a second of computing on one core, from when all nodes see each other: the production actors on the
memory adapters, with all invariants looked at ([simulator](simulator.md)). In flight are the nodes; a latency is what one
simulated second took, by rounds. Under all faults, each round is of the same seed.`,
}

const notMeasured = `## What is not measured

Durability under power loss (nats-server syncs its files when it likes), replicated streams, TLS and permissions, more
than one machine or data centre, payloads above a few hundred bytes, workflows that do work, many managers that follow,
memory over hours, and what a failure costs: the scenario tests measure takeovers, not these. Client, managers, workers
and the broker share the cores named above, so a figure here is a sum of all their work, and a machine with more cores
gives others. Latencies are those of a closed loop: a lane submits again only after its answer.`

/** What a page says of cores that were kept awake. */
export const awakeNote = ` The cores were kept awake by processes that run only where nothing else wants to
(\`--awake\`): here they are virtual, and one that sleeps is woken by its host, which takes longer than a message does.`

/** How a run was made. */
export interface RunConditions {
  /** Seconds that every row was measured for. */
  readonly seconds: number
  /** Whether the cores were kept from sleeping. */
  readonly awake: boolean
}

/** Seconds that every row is measured for, unless the command line says otherwise. */
export const defaultSeconds = 4

/** The flags that repeat a run as it was. */
export const flagsOf = ({ seconds, awake }: RunConditions): string =>
  `${awake ? ' --awake' : ''}${seconds === defaultSeconds ? '' : ` --seconds ${seconds}`}`

function section(report: BenchReport, conditions: RunConditions): string {
  const { name, rows } = report
  return [
    `## ${name}`,
    explanations[name],
    `\`npm run bench -- ${name}${flagsOf(conditions)}\``,
    markdownTable(benchColumns, rows),
    ...markdownVerdicts(verdictsOf(report)),
  ].join('\n\n')
}

/** The text of `docs/benchmarks.md`. It holds no date, so that only figures make it differ. */
export function benchmarkDocument(reports: readonly BenchReport[], conditions: RunConditions): string {
  const [first] = reports
  const broker = reports.find((report) => report.broker !== null)?.broker ?? 'none'
  return `${[
    '# Benchmarks',
    `Written by \`npm run bench -- --write\`; do not edit. Machine: ${first?.cores ?? 0} cores, Node ${first?.node ?? ''}, nats-server
${broker}, everything on this one machine. Every row was measured for ${conditions.seconds} s, after half as long to get warm,
in five rounds that alternate with five of its baseline in the same run; a figure is the median of its rounds, a ratio that of
rounds beside each other, a latency that of all rounds together. Trust ratios more than figures.${conditions.awake ? awakeNote : ''}`,
    ...reports.map((report) => section(report, conditions)),
    notMeasured,
  ].join('\n\n')}\n`
}
