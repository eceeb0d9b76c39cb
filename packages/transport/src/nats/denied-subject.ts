import { CoveyError, type Subjects } from '@covey/protocol'
import { PermissionViolationError } from 'nats'
import type { Bus, Stop } from '../bus.js'
import type { Facts } from '../facts.js'
import { natsDeadlines } from './deadline.js'
import type { NatsBus } from './nats-bus.js'

/** The error of a subject on which the broker does not let these credentials speak, or listen. */
export const deniedError = (
  right: 'publish' | 'subscribe to',
  subject: string,
  cause?: unknown,
): CoveyError =>
  new CoveyError('permission_denied', `the broker does not let these credentials ${right} ${subject}`, {
    address: subject,
    mend: 'give them that right, as the roles in nats.conf have it',
    ...(cause === undefined ? {} : { cause }),
  })

/**
 * The answer to what is asked on a subject, unless the broker denies that, or the subject of the answers: it answers nothing
 * then. Rejects `permission_denied`.
 */
export function unlessDenied<Value>(
  bus: Pick<Bus, 'onNews'> & Partial<Pick<NatsBus, 'deafAt'>>,
  subject: string,
  answer: Promise<Value>,
): Promise<Value> {
  let stop: Stop = () => undefined
  const denied = new Promise<never>((_, reject) => {
    const look = (): void => {
      if (bus.deafAt !== undefined) reject(deniedError('subscribe to', bus.deafAt))
    }
    stop = bus.onNews((news) => {
      if (news.kind !== 'denied') return
      if (news.subject === subject) reject(deniedError('publish', subject))
      look()
    })
    // That it hears nothing may have been told before anything was asked.
    look()
  })
  return Promise.race([answer, denied]).finally(() => stop())
}

/** Facts that say at once what the broker denies: to wait for a right is vain. */
export const deniableFacts = (
  bus: NatsBus,
  stream: string,
  facts: Facts,
): Pick<Facts, 'read' | 'create'> => ({
  read: (subject) => unlessDenied(bus, `$JS.API.STREAM.MSG.GET.${stream}`, facts.read(subject)),
  create: (subject, data) => unlessDenied(bus, subject, facts.create(subject, data)),
})

/**
 * Asks once, as a node does when it joins, which without these rights would ask until its deadline. What the answers are does
 * not matter here. Rejects `permission_denied`.
 */
export async function tryFacts(bus: NatsBus, subjects: Subjects, facts: Facts): Promise<void> {
  const { factsStream, agreed } = subjects
  const info = `$JS.API.STREAM.INFO.${factsStream}`
  await Promise.all([
    unlessDenied(bus, info, bus.request(info, new Uint8Array(0), natsDeadlines.jetStreamMs)),
    deniableFacts(bus, factsStream, facts).read(agreed('shards')),
  ])
}

/** The error of a request of the client that failed because a subject is denied; `undefined` where it failed otherwise. */
export function deniedRequest(error: unknown): CoveyError | undefined {
  const cause = error instanceof Error ? error.cause : undefined
  const denied = [error, cause].find((one) => one instanceof PermissionViolationError)
  if (denied === undefined) return undefined
  const right = denied.operation === 'publish' ? 'publish' : 'subscribe to'
  return deniedError(right, denied.subject, error)
}
