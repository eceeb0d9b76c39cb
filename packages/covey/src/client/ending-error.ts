import {
  type CoveyError,
  type ErrorReport,
  errorFromReport,
  type Outcome,
  splitWorkflowId,
  withoutStack,
} from '@covey/protocol'

/**
 * The error that a workflow ended by, as its caller gets it: its message says of which workflow and attempt, `job`,
 * `step`, `attempt` and `node` say the same to programs, `cause` is what the function threw, with its stack.
 */
export function endingError({ id, attempt, node }: Outcome, report: ErrorReport): CoveyError {
  const origin = {
    ...splitWorkflowId(id),
    ...(attempt === undefined ? {} : { attempt }),
    ...(node === undefined ? {} : { node }),
    ...(report.before === undefined ? {} : { before: report.before }),
  }
  const where =
    attempt === undefined ? id : `${id}, attempt ${attempt}${node === undefined ? '' : ` on ${node}`}`
  const message = `${where}: ${report.message}`
  // It was thrown elsewhere, as its cause shows: a stack from here would only tell how the message arrived.
  return withoutStack(errorFromReport({ address: id, ...report, message }, { origin }))
}
