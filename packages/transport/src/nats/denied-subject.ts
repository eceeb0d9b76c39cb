import { CoveyError } from '@covey/protocol'
import { PermissionViolationError } from 'nats'
import type { Bus, Stop } from '../bus.js'

/** The error of a subject that the broker does not let these credentials publish. */
const deniedError = (subject: string, cause?: unknown): CoveyError =>
  new CoveyError('permission_denied', `the broker does not let these credentials publish ${subject}`, {
    address: subject,
    mend: 'give them that right, as the roles in nats.conf have it',
    ...(cause === undefined ? {} : { cause }),
  })

/** The answer to what is asked on a subject, unless the broker denies that: it answers nothing then. Rejects `permission_denied`. */
export function unlessDenied<Value>(
  bus: Pick<Bus, 'onNews'>,
  subject: string,
  answer: Promise<Value>,
): Promise<Value> {
  let stop: Stop = () => undefined
  const denied = new Promise<never>((_, reject) => {
    stop = bus.onNews((news) => {
      if (news.kind === 'denied' && news.subject === subject) reject(deniedError(subject))
    })
  })
  return Promise.race([answer, denied]).finally(() => stop())
}

/** The error of a request that failed because its subject is denied; `undefined` where it failed otherwise. */
export function deniedRequest(error: unknown): CoveyError | undefined {
  const cause = error instanceof Error ? error.cause : undefined
  const denied = [error, cause].find((one) => one instanceof PermissionViolationError)
  return denied && deniedError(denied.subject, error)
}
