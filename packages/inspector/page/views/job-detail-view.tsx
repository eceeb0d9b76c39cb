import { useMemo, useState } from 'react'
import type { JobStepRow } from '../../src/page-protocol.js'
import { inOrder, isEnded, stateCounts } from '../model/job-graph.js'
import { countText } from '../model/words.js'
import { useAsked, usePage } from '../page-context.js'
import { ConfirmedButton } from '../parts/confirmed-button.js'
import { JsonTree } from '../parts/json-tree.js'
import { Lines } from '../parts/lines.js'
import { Problem, RefusalNote } from '../parts/problem.js'
import { StateShares, StateWord } from '../parts/state-word.js'
import { JobDrawing } from './job-drawing.js'

const askAgainMs = 1_000
const columns =
  'minmax(120px, 2fr) minmax(90px, 1fr) 110px 60px minmax(80px, 1fr) minmax(110px, 1fr) minmax(120px, 2fr)'

const progressText = (progress: unknown): string =>
  progress === null || progress === undefined ? '' : JSON.stringify(progress)

const StepLine = ({ step, name, state, attempt, node, token, error, progress }: JobStepRow) => (
  <div className="columns mono" style={{ '--columns': columns, width: '100%' }}>
    <span title={step}>{step}</span>
    <span className="soft">{name}</span>
    <StateWord state={state} />
    <span className="right">{attempt}</span>
    <span>{node ?? ''}</span>
    <span className="soft">{token ?? ''}</span>
    <span className={error === null ? 'soft' : ''}>
      {error === null ? progressText(progress) : `${error.code}: ${error.message}`}
    </span>
  </div>
)

function Steps({
  steps,
  chosen,
  onChoose,
}: {
  readonly steps: readonly JobStepRow[]
  readonly chosen: string | undefined
  readonly onChoose: (step: string) => void
}) {
  return (
    <section
      className="sheet"
      aria-label="Workflows"
      style={{ display: 'flex', flexDirection: 'column', minHeight: 260, flex: '1 0 auto', height: 0 }}
    >
      <div className="columns heads" style={{ '--columns': columns }}>
        <span>Step</span>
        <span>Function</span>
        <span>State</span>
        <span className="right">Attempt</span>
        <span>Node</span>
        <span>Token</span>
        <span>Progress or error</span>
      </div>
      <Lines
        label="Workflows"
        count={steps.length}
        chosen={steps.findIndex(({ step }) => step === chosen)}
        keyOf={(index) => steps[index]?.step ?? String(index)}
        onChoose={(index) => onChoose(steps[index]?.step ?? '')}
      >
        {(index) => {
          const step = steps[index]
          return step === undefined ? null : <StepLine {...step} />
        }}
      </Lines>
    </section>
  )
}

const hasMore = (error: JobStepRow['error']): boolean =>
  error?.causes !== undefined || error?.before !== undefined

function StepNotes({ step }: { readonly step: JobStepRow }) {
  return (
    <section className="sheet" aria-label={`Workflow ${step.step}`}>
      <header>
        <h2 className="mono">{step.step}</h2>
        <StateWord state={step.state} />
        <span className="soft">
          {step.name}
          {step.node === null ? '' : ` on ${step.node}`}, attempt {step.attempt}
        </span>
      </header>
      <div className="about">
        {step.after.length > 0 && (
          <p className="soft">
            after <span className="mono">{step.after.slice(0, 20).join(', ')}</span>
            {step.after.length > 20 && ` and ${step.after.length - 20} more`}
          </p>
        )}
        {step.token !== null && (
          <p className="soft">
            token <span className="mono">{step.token}</span>
          </p>
        )}
        {step.error !== null && <Problem report={step.error} />}
        {hasMore(step.error) && (
          <JsonTree
            value={{ causes: step.error?.causes, before: step.error?.before }}
            label="What led to the error"
          />
        )}
        {step.progress !== null && step.progress !== undefined && (
          <JsonTree value={step.progress} label="Progress" />
        )}
      </div>
    </section>
  )
}

/** A job with its graph, its workflows, and the button that ends it. */
export function JobDetailView({ job }: { readonly job: string }) {
  const mayOperate = usePage((state) => state.mayOperate)
  const [chosen, setChosen] = useState<string>()
  const { answer, refusal } = useAsked(job, askAgainMs, (connection) =>
    connection.ask({ type: 'job.get', job }),
  )
  const steps = useMemo(() => inOrder(answer?.steps ?? []), [answer])
  const step = steps.find((known) => known.step === chosen)
  const ended = steps.filter(({ state }) => isEnded(state)).length
  return (
    <div className="detail">
      <div className="row">
        <h1 className="mono cut">{job}</h1>
        {answer !== undefined && (
          <>
            <StateWord state={answer.state} />
            <span className="soft">
              {countText(ended)} of {countText(steps.length)} workflows have ended
            </span>
            <span className="push" />
            {mayOperate && answer.state === 'running' && (
              <ConfirmedButton
                label="Cancel job"
                title={`Cancel ${job}?`}
                text="What has not started never will. What runs is asked to stop. This cannot be taken back."
                reason="cancelled in the inspector"
                act={(connection, reason) => connection.ask({ type: 'job.cancel', job, reason })}
              />
            )}
          </>
        )}
      </div>
      <RefusalNote refusal={refusal} />
      {answer !== undefined && (
        <>
          <StateShares counts={stateCounts(steps)} />
          <JobDrawing steps={steps} chosen={chosen} onChoose={setChosen} />
          {step !== undefined && <StepNotes step={step} />}
          <Steps steps={steps} chosen={chosen} onChoose={setChosen} />
        </>
      )}
    </div>
  )
}
