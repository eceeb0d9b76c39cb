import type { ErrorReport } from '@covey/protocol'
import type { Refusal } from '../open-questions.js'

/** An error as Covey says it: what, where, and what to do. */
export const Problem = ({
  report,
}: {
  readonly report: Pick<ErrorReport, 'message' | 'mend' | 'address'> & { readonly code: string }
}) => (
  <div className="problem" role="alert">
    <p>
      <span className="mono">{report.code}</span> {report.message}
    </p>
    {report.address !== undefined && <p className="mono soft">{report.address}</p>}
    {report.mend !== undefined && <p className="soft">{report.mend}</p>}
  </div>
)

/** The refusal of a question, where there is one. */
export const RefusalNote = ({ refusal }: { readonly refusal: Refusal | undefined }) =>
  refusal === undefined ? null : <Problem report={refusal.report} />
