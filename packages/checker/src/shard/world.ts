import type { ToClient } from './mail.js'
import type { Term } from './term.js'

/** What is left out of the rules of the log, of leaders and of mail, to see that it is missed. */
export type Plant =
  | 'no fence'
  | 'acts before the acknowledgement'
  | 'takes silence for a refusal'
  | 'waits for no lease'
  | 'mail goes by name'
  | 'assigns what is cancelled'
  | 'never looks'

/** One manager: its chart of leadership, the log that its claim made, and its term. */
export interface Manager {
  readonly chart: number
  /** Its claim stands in the log, and it has not heard so; -1 for none. */
  readonly claimed: number
  readonly term: Term | null
}

/** What is under way from a worker to whoever leads, for ever, and what it has left in the outbox. */
export interface Voice {
  readonly reports: number
  /** The renewal that it sent last; -1 for none. */
  readonly renewal: number
  readonly stored: number
}

/** What a worker adds to that. */
export interface Uttered {
  readonly reports: readonly number[]
  readonly renewal: number
  readonly stored: readonly number[]
}

/** What the client of one job has asked for and was told. */
export interface Order {
  readonly submit: 'not yet' | 'asked' | 'told'
  readonly cancel: 'not yet' | 'asked' | 'absent' | 'late' | 'told'
  /** How the client knows that it ended. */
  readonly end: string
}

/** All clients, by the number of their jobs. */
export interface Clients {
  readonly orders: readonly Order[]
  /** The rule that what they were told breaks. */
  readonly broken: string
}

export const newOrder: Order = { submit: 'not yet', cancel: 'not yet', end: '' }

/**
 * How often may happen: a worker is killed; one that lives is departed; its lease passes before it is renewed; its code
 * fails; a job is cancelled; an attempt takes too long for its leader; it asks for more time, reports progress, or takes
 * too long for its worker.
 */
export const budgetKinds = [
  ...(['kills', 'departures', 'expiries', 'failures', 'cancels', 'timeouts'] as const),
  ...(['asks', 'progress', 'overruns'] as const),
] as const
export type Budget = (typeof budgetKinds)[number]

const toldTwice = 'a client is told of one end, and of no other (invariant 5)'

/** What clients know when one of them is told. */
export function told(clients: Clients, message: ToClient): Clients {
  const order = clients.orders[message.job]
  if (order === undefined) throw new Error(`nobody has job ${message.job}`)
  const next = (change: Partial<Order>): Clients => ({
    ...clients,
    orders: clients.orders.with(message.job, { ...order, ...change }),
  })
  switch (message.kind) {
    case 'submitted':
      return next({ submit: 'told' })
    case 'outcome':
      if (order.end !== '' && order.end !== message.state) return { ...next({}), broken: toldTwice }
      return next({ end: message.state })
    default:
      return next({ cancel: cancelOf(message.outcome) })
  }
}

function cancelOf(outcome: string): Order['cancel'] {
  if (outcome === 'not found') return 'absent'
  return outcome === 'ALREADY_COMPLETED' ? 'late' : 'told'
}

/** Something that may happen, and all that it changes; -1 and nothing where it changes nothing. */
export interface ShardStep {
  readonly word: number
  readonly broken: string | undefined
  readonly spends: number
  readonly log: number
  readonly manager: number
  readonly worker: number
  readonly clients: number
  readonly facts: number
  /** What a worker says. */
  readonly utters: number
  /** What a leader says: to a worker, and the number of the message. */
  readonly mail: readonly number[]
  /** The worker to whom grants of this epoch and older mean nothing any more. */
  readonly voids: readonly number[]
}

/** A step that changes nothing. */
export const nothing: ShardStep = {
  ...{ word: -1, broken: undefined, spends: -1, log: -1, manager: -1, worker: -1, clients: -1, facts: -1 },
  ...{ utters: -1, mail: [], voids: [] },
}
