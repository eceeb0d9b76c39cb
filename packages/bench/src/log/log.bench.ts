import { createSubjects, packValue } from '@covey/protocol'
import { createLogWriter, type Links } from '@covey/transport'
import { connect } from 'nats'
import type { BrokerContext } from '../bench-context.js'
import { ourLinks } from '../bus/our-links.js'
import { closedLoop } from '../measure/closed-loop.js'
import { type Contender, compare } from '../measure/compare.js'
import { withUndo } from '../process/undo.js'
import type { BenchRow } from '../report/bench-report.js'
import { type Append, bareGroupCommit, onePublishEach } from './log.bare.js'

const appenders = [1, 64, 1_024]
const cluster = 'bench-log'
const retryDelayMs = 250

/** What every appender appends: about 100 bytes, as the word that a workflow has completed. */
const event = {
  type: 'workflow.completed',
  workflow: '0123456789abcdef0123456789abcdef/main',
  token: '0-1-123456-17',
  result: new Uint8Array(8),
}

interface Item {
  readonly event: object
  readonly resolve: () => void
}

/** Our writer on an empty log. */
async function ourAppend({ clock }: BrokerContext, links: Links): Promise<Append> {
  const log = links.log(0)
  const writer = createLogWriter<Item>({
    ...{ log, clock, retryDelayMs, subject: createSubjects(cluster).batch(0) },
    expectedLastSequence: await log.tail(),
    encode: (items) => packValue(items.map((item) => item.event)),
    sizeOf: () => 200,
    isMine: () => false,
    onCommitted: ({ items }) => {
      for (const { resolve } of items) resolve()
    },
    onDeposed: () => {
      throw new Error('somebody else writes the log of the benchmark')
    },
    onStalled: (outcome) => {
      throw new Error(`an append of the benchmark ended with ${outcome.kind}`)
    },
  })
  return (appended) =>
    new Promise((resolve, reject) => {
      if (!writer.push([{ event: appended, resolve }])) reject(new Error('the log takes no more events'))
    })
}

const contender = (name: string, append: Append, inFlight: number, { clock }: BrokerContext): Contender => ({
  name,
  run: async (durationMs, latencies) => {
    const operation = (): Promise<void> => append(event)
    return (await closedLoop({ clock, inFlight, durationMs, latencies, operation })).perSecond
  },
})

/** Events into a log on disk, by one writer for many appenders. */
export const benchLog = (context: BrokerContext): Promise<BenchRow[]> =>
  withUndo(async (undo) => {
    const links = await ourLinks(context.server, cluster, 'writer')
    undo(() => links.close())
    const connection = await connect({ servers: context.server })
    undo(() => connection.close())
    const [ours, group, each] = [
      await ourAppend(context, links),
      await bareGroupCommit(connection),
      await onePublishEach(connection),
    ]
    const rows: BenchRow[] = []
    for (const inFlight of appenders) {
      context.say(`log: ${inFlight} appenders`)
      const comparison = {
        label: 'append an event',
        inFlight,
        ours: contender('ours', ours, inFlight, context),
        baselines: [
          contender('js.publish, one at a time', each, inFlight, context),
          contender('bare group commit', group, inFlight, context),
        ],
      }
      rows.push(...(await compare(comparison, context)))
    }
    return rows
  })
