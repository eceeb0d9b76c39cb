import { CoveyError } from '@covey/protocol'
import type { Client } from 'covey'

/** Time for the question what became of a workflow, after the deadline of the user: it is short. */
const questionDeadlineMs = 1_000

async function isCancelling(client: Pick<Client, 'job'>, id: string): Promise<boolean> {
  const [job = '', step = 'main'] = id.split('/')
  try {
    const { workflows } = await client.job(job, { deadlineMs: questionDeadlineMs })
    return workflows.some((workflow) => workflow.id === `${job}/${step}` && workflow.state === 'cancelling')
  } catch (error) {
    // The deadline that was missed is what the user is told, whether or not more can be had.
    if (error instanceof CoveyError) return false
    throw error
  }
}

/** The error of a result that was not there; a deadline missed by a workflow that is being cancelled says so. */
export async function explainLateResult(client: Pick<Client, 'job'>, error: unknown): Promise<unknown> {
  if (!(error instanceof CoveyError) || error.code !== 'deadline' || error.address === undefined) return error
  const { address } = error
  if (!(await isCancelling(client, address))) return error
  const message = `${address} is being cancelled, and its function has not returned within the deadline`
  const mend = 'a function that heeds its signal returns at once; ask again by the same id'
  return new CoveyError('deadline', message, { address, mend, cause: error })
}
