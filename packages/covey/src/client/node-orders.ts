import type { Member } from '@covey/actors'
import {
  type ChannelName,
  CoveyError,
  contactText,
  errorFromReport,
  evictMessage,
  type GoodbyeReason,
  goodbyeReasons,
  isId,
  limits,
  nodeId,
  orderAnswer,
  parseContact,
  readmitMessage,
  type Subjects,
} from '@covey/protocol'
import { type Clock, delay, type Links, unlessDenied } from '@covey/transport'
import { type Observable, type Subscription, take } from 'rxjs'
import { type KnownOptions, refuseOther } from '../known-options.js'
import { errorOfCall, orderOf } from './asked-call.js'
import { checkedText } from './cancel-words.js'
import type { DeadlineOptions } from './client-contract.js'
import { clientTimings } from './client-timings.js'
import { orderLeave } from './order-leave.js'
import { knownDeadline, type TimeLeft, timeOf } from './time-left.js'

/** Which generation of a node an order has concerned. */
export interface OrderedNode {
  readonly id: string
  readonly generation: number
}

/** A name that may join, and whether it was out until then. */
export interface ReadmittedNode extends OrderedNode {
  readonly wasEvicted: boolean
}

/** How a node is told to leave. */
export interface LeaveOptions extends DeadlineOptions {
  /** Default `manual_removal`. */
  readonly reason?: GoodbyeReason
}

/** How a node is put out. */
export interface EvictOptions extends DeadlineOptions {
  /** For people: at most 200 characters. */
  readonly reason?: string
}

interface AnsweredOrder extends OrderedNode {
  readonly evicted?: number
}

interface ManagersOrder {
  readonly node: string
  readonly channel: keyof typeof doneBy
  readonly frame: Uint8Array
  readonly within: TimeLeft
}

const doneBy = { evict: 'been put out', readmit: 'been taken in again' } as const satisfies Partial<
  Record<ChannelName, string>
>

interface OrdersGround {
  readonly links: Pick<Links, 'control'>
  readonly subjects: Subjects
  readonly clock: Clock
  readonly members$: Observable<readonly Member[]>
  readonly deadlineMs: number
}

const knownReasoned: KnownOptions<LeaveOptions & EvictOptions> = { ...knownDeadline, reason: true }

const isGone = ({ state }: Member): boolean => state === 'departed' || state === 'forgotten'

/** What is no text would pass for the name that it is spelt as. Throws `invalid_id`. */
const textOf = (name: string): string => (typeof name === 'string' ? name : nodeId(name))

/** The node that is meant by its name or by an address that it has said. Throws `not_found`, or `invalid_options` for two. */
function foundBy(name: string, members: readonly Member[]): Member {
  const named = members.find((member) => member.nodeId === name)
  if (named !== undefined) return named
  const address = isId(name) ? undefined : contactText(parseContact(name))
  const found = members.filter(({ addresses = [] }) => address !== undefined && addresses.includes(address))
  const [first, second] = found.filter((member) => found.length === 1 || !isGone(member))
  if (second !== undefined) {
    const names = found.map((member) => member.nodeId).join(', ')
    throw new CoveyError('invalid_options', `${name} is an address of several nodes: ${names}`, {
      address: name,
      mend: 'name the node',
    })
  }
  if (first !== undefined) return first
  throw new CoveyError('not_found', `no node ${name} takes part in the cluster`, {
    address: name,
    mend: `it has ${members.map((member) => member.nodeId).join(', ') || 'no node'}`,
  })
}

/** An operator's orders about nodes, to the node itself or to a manager. */
export class NodeOrders {
  readonly #ground: OrdersGround

  constructor(ground: OrdersGround) {
    this.#ground = ground
  }

  async leave(name: string, options: LeaveOptions = {}): Promise<OrderedNode> {
    const { links, subjects } = this.#ground
    const within = timeOf('leave', options, this.#ground, knownReasoned)
    const { reason = 'manual_removal' } = options
    refuseOther('leave', 'reason', reason, goodbyeReasons)
    const text = textOf(name)
    const members = await this.#members(within())
    const { nodeId: node, generation } = foundBy(
      text,
      members.filter((member) => !isGone(member)),
    )
    const answerMs = Math.min(clientTimings.orderAnswerMs, Math.max(1, within()))
    const order = { links, cluster: subjects.cluster, node, generation, reason, deadlineMs: answerMs }
    await orderLeave(order).catch((error: unknown) => {
      throw errorOfCall(error, orderOf(node, 'been told to leave'))
    })
    return { id: node, generation }
  }

  async evict(name: string, options: EvictOptions = {}): Promise<OrderedNode> {
    const within = timeOf('evict', options, this.#ground, knownReasoned)
    const { reason } = options
    const why = reason === undefined ? {} : { reason: checkedText('reason', reason, limits.reasonTextMax) }
    const node = await this.#nameOf(name, within)
    const frame = evictMessage.encode({ node, ...why })
    const { id, generation } = await this.#askManager({ node, channel: 'evict', frame, within })
    return { id, generation }
  }

  async readmit(name: string, options: DeadlineOptions = {}): Promise<ReadmittedNode> {
    const within = timeOf('readmit', options, this.#ground)
    const node = await this.#nameOf(name, within)
    const question = { node, channel: 'readmit', frame: readmitMessage.encode({ node }), within } as const
    const { evicted, ...standing } = await this.#askManager(question)
    // Named, so that a manager that wakes with this order later undoes no eviction that is ordered until then.
    if (evicted === undefined) return { ...standing, wasEvicted: false }
    const { id, generation } = await this.#askManager({
      ...question,
      frame: readmitMessage.encode({ node, evicted }),
    })
    return { id, generation, wasEvicted: true }
  }

  /** The name of a node that is named by an address; a name is taken at its word, since its node may be long gone. */
  async #nameOf(name: string, within: TimeLeft): Promise<string> {
    const text = textOf(name)
    return isId(text) ? text : foundBy(text, await this.#members(within())).nodeId
  }

  /** Asks the managers; the error says which node it is about, and whether the order may have been carried out. */
  async #askManager(order: ManagersOrder): Promise<AnsweredOrder> {
    try {
      return await this.#askInTurn(order)
    } catch (error) {
      throw errorOfCall(error, orderOf(order.node, doneBy[order.channel]))
    }
  }

  /** Asks one manager after the other, the node itself last; to repeat an order does no harm. */
  async #askInTurn(order: ManagersOrder): Promise<AnsweredOrder> {
    const { links, subjects, clock } = this.#ground
    const { node, channel, frame, within } = order
    let why = 'no manager of the cluster answers'
    while (within() > 0) {
      const managers = (await this.#members(within()))
        .filter(({ state, roles }) => state === 'active' && roles.includes('manager'))
        .toSorted((one, other) => Number(one.nodeId === node) - Number(other.nodeId === node))
      for (const manager of managers) {
        const subject = subjects.channel(manager.nodeId, manager.generation, channel)
        const answerMs = Math.min(clientTimings.orderAnswerMs, Math.max(1, within()))
        const asked = links.control.request(subject, frame, answerMs)
        const outcome = await unlessDenied(links.control, subject, asked)
        if (outcome.kind !== 'reply') continue
        const { error, generation = 0, ...more } = orderAnswer.decode(outcome.data)
        if (error === undefined) return { id: node, generation, ...more }
        if (error.code !== 'unavailable') throw errorFromReport(error)
        why = error.message
      }
      await delay(clock, Math.min(clientTimings.resendMaxMs, within()))
    }
    throw new CoveyError('no_leader', why, { address: node, mend: 'see covey doctor' })
  }

  /** The list of members as the facts say it now. */
  #members(deadlineMs: number): Promise<readonly Member[]> {
    const { clock, members$ } = this.#ground
    const waitMs = Math.min(deadlineMs, clientTimings.memberListMs)
    return new Promise((resolve, reject) => {
      let subscription: Subscription | undefined
      const timer = clock.setTimeout(() => {
        subscription?.unsubscribe()
        reject(new CoveyError('unreachable', `no list of the members came within ${waitMs} ms`))
      }, waitMs)
      const end =
        <Value>(settle: (value: Value) => void) =>
        (value: Value): void => {
          clock.clearTimeout(timer)
          settle(value)
        }
      subscription = members$.pipe(take(1)).subscribe({ next: end(resolve), error: end(reject) })
    })
  }
}
