import {
  CoveyError,
  checkedDeadlineMs,
  createSubjects,
  drainMessage,
  errorFromReport,
  type GoodbyeReason,
  goodbyeReasons,
  orderAnswer,
} from '@covey/protocol'
import { type Links, unlessDenied } from '@covey/transport'
import { type KnownOptions, refuseOther, refuseUnknownOptions } from '../known-options.js'

/** Which generation of a node is to leave its cluster, why, and over which links it is told. */
export interface LeaveOrder {
  readonly links: Pick<Links, 'control'>
  readonly cluster: string
  readonly node: string
  readonly generation: number
  readonly reason: GoodbyeReason
  /** How long it has for its answer, in milliseconds. Default 5,000. */
  readonly deadlineMs?: number
}

const answerDeadlineMs = 5_000

const knownOrder: KnownOptions<LeaveOrder> = {
  ...{ links: true, cluster: true, node: true, generation: true, reason: true, deadlineMs: true },
}

/**
 * Tells a node of any process to leave: it drains first, that is, it takes nothing new, finishes what it can and hands
 * the rest back. Resolves when it has heard that; `members$` says when it has departed. Rejects `unavailable` where it
 * does not answer, `permission_denied` where the broker does not let it be asked, `invalid_options`, or with its refusal.
 */
export async function orderLeave(order: LeaveOrder): Promise<void> {
  refuseUnknownOptions('orderLeave', order, knownOrder)
  const { links, cluster, node, generation, reason } = order
  refuseOther('orderLeave', 'reason', reason, goodbyeReasons)
  const deadlineMs = checkedDeadlineMs(order.deadlineMs ?? answerDeadlineMs)
  const subject = createSubjects(cluster).node(node, generation, 'drain')
  const { control } = links
  const asked = control.request(subject, drainMessage.encode({ reason }), deadlineMs)
  const outcome = await unlessDenied(control, subject, asked)
  if (outcome.kind !== 'reply') {
    throw new CoveyError('unavailable', `${node} does not answer (${outcome.kind})`, {
      address: node,
      mend: 'see covey status: a node that does not answer is put out of the cluster by the others',
    })
  }
  const { error } = orderAnswer.decode(outcome.data)
  if (error !== undefined) throw errorFromReport(error)
}
