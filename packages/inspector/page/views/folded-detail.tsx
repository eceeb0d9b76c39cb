import type { FoldedView, LogRow } from '../../src/page-protocol.js'
import { countText } from '../model/words.js'
import { useAsked } from '../page-context.js'
import { JsonTree } from '../parts/json-tree.js'
import { RefusalNote } from '../parts/problem.js'
import { StateWord } from '../parts/state-word.js'

const More = ({ listed, total }: { readonly listed: number; readonly total: number }) =>
  total > listed ? <p className="about soft">and {countText(total - listed)} more</p> : null

const FoldedJobs = ({ jobs, jobsTotal }: FoldedView) => (
  <section className="sheet" aria-label="Jobs then">
    <header>
      <h2>Jobs</h2>
      <span className="soft">{countText(jobsTotal)}</span>
    </header>
    <table>
      <tbody>
        {jobs.map(({ id, state, total, ended }) => (
          <tr key={id}>
            <td className="mono">{id}</td>
            <td>
              <StateWord state={state} />
            </td>
            <td className="right">
              {countText(ended)}/{countText(total)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
    <More listed={jobs.length} total={jobsTotal} />
  </section>
)

const FoldedWorkflows = ({ workflows, workflowsTotal }: FoldedView) => (
  <section className="sheet" aria-label="Workflows then">
    <header>
      <h2>Workflows</h2>
      <span className="soft">{countText(workflowsTotal)}</span>
    </header>
    <table>
      <tbody>
        {workflows.map(({ id, state, attempt, node }) => (
          <tr key={id}>
            <td className="mono">{id}</td>
            <td>
              <StateWord state={state} />
            </td>
            <td className="right soft">attempt {attempt}</td>
            <td className="mono">{node ?? ''}</td>
          </tr>
        ))}
      </tbody>
    </table>
    <More listed={workflows.length} total={workflowsTotal} />
  </section>
)

const titles: Record<LogRow['kind'], string> = { batch: 'Batch', claim: 'Claim', skipped: 'Skipped' }

const MessageDetail = ({ row }: { readonly row: LogRow }) => (
  <section className="sheet" aria-label="Message">
    <header>
      <h2>
        {titles[row.kind]} {countText(row.sequence)}
      </h2>
      <span className="soft">
        epoch {row.epoch}, {row.bytes} bytes, {row.events.length}{' '}
        {row.events.length === 1 ? 'event' : 'events'}
      </span>
    </header>
    {row.events.length === 0 ? (
      <p className="about soft">
        {row.kind === 'batch'
          ? 'A batch without events renews the lead and the leases.'
          : 'Nothing to any manager.'}
      </p>
    ) : (
      <JsonTree value={row.events} label="Events" />
    )}
  </section>
)

const FoldedState = ({ folded }: { readonly folded: FoldedView }) => (
  <>
    <div className="row">
      <h1>State after {countText(folded.sequence)}</h1>
      <span className="soft">
        epoch {folded.epoch}, {folded.leader === null ? 'nobody leads' : `${folded.leader} leads`}
        {`, ${(folded.shardTimeMs / 1_000).toFixed(1)} s of shard time`}
      </span>
    </div>
    <div className="facts">
      <FoldedWorkflows {...folded} />
      <FoldedJobs {...folded} />
    </div>
  </>
)

/** One message of the log, and the state of the shard after it. */
export function FoldedDetail({
  shard,
  sequence,
  row,
}: {
  readonly shard: number
  readonly sequence: number
  readonly row: LogRow | undefined
}) {
  const { answer, refusal } = useAsked(
    sequence === 0 ? null : `fold ${shard} ${sequence}`,
    Number.POSITIVE_INFINITY,
    (connection) => connection.ask({ type: 'log.fold', shard, sequence }),
    true,
  )
  return (
    <div className="detail">
      <RefusalNote refusal={refusal} />
      {row !== undefined && <MessageDetail row={row} />}
      {answer !== undefined && <FoldedState folded={answer} />}
    </div>
  )
}
