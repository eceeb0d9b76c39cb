import { useMemo, useState } from 'react'
import type { Answers } from '../../src/page-protocol.js'
import { countText, filterWords, hasWords } from '../model/words.js'
import { useAsked } from '../page-context.js'
import { FilterField } from '../parts/filter-field.js'
import { Lines } from '../parts/lines.js'
import { RefusalNote } from '../parts/problem.js'
import { StateWord } from '../parts/state-word.js'
import { goTo } from '../route.js'
import { JobDetailView } from './job-detail-view.js'

const askAgainMs = 1_000

type JobRow = Answers['jobs.list'][number]

const JobLine = ({ id, state, total, ended }: JobRow) => (
  <>
    <span className="cut mono" title={id}>
      {id}
    </span>
    <span className="row push">
      <StateWord state={state} />
      <span className="soft mono">
        {countText(ended)}/{countText(total)}
      </span>
    </span>
  </>
)

/** All jobs of the cluster, and the chosen one with its graph. */
export function JobsView({ chosen }: { readonly chosen: string | undefined }) {
  const [filter, setFilter] = useState('')
  const { answer, refusal } = useAsked('jobs', askAgainMs, (connection) =>
    connection.ask({ type: 'jobs.list' }),
  )
  const jobs = useMemo(() => {
    const words = filterWords(filter)
    return (answer ?? []).filter(({ id, state }) => hasWords(`${id} ${state}`, words))
  }, [answer, filter])
  return (
    <div className="split">
      <div className="side">
        <div className="bar">
          <FilterField what="jobs" by="id or state" value={filter} onFilter={setFilter} />
        </div>
        <RefusalNote refusal={refusal} />
        {answer?.length === 0 && (
          <p className="empty">
            No job yet. <span className="mono">npx covey submit</span> starts one.
          </p>
        )}
        <Lines
          label="Jobs"
          count={jobs.length}
          chosen={jobs.findIndex(({ id }) => id === chosen)}
          keyOf={(index) => jobs[index]?.id ?? String(index)}
          onChoose={(index) => goTo('jobs', jobs[index]?.id)}
        >
          {(index) => {
            const job = jobs[index]
            return job === undefined ? null : <JobLine {...job} />
          }}
        </Lines>
      </div>
      {chosen === undefined ? (
        <p className="empty">Choose a job to see its graph and what each of its workflows does.</p>
      ) : (
        <JobDetailView key={chosen} job={chosen} />
      )}
    </div>
  )
}
