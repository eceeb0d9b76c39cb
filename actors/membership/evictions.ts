import {
  type DepartedFact,
  departedFact,
  type ErrorCode,
  type EvictMessage,
  limits,
  type OrderAnswer,
  type ReadmitMessage,
} from '@covey/protocol'
import type { Environment, Self } from '../environment.js'
import { type NameState, nameState } from './name-state.js'
import type { Peers } from './peers.js'

interface EvictionGround {
  readonly env: Environment
  readonly peers: Peers
  /** The run of this node that takes part. */
  voter(): Self | undefined
}

/** What is to be done with a name, now that its facts say this; `done` where they say what is wanted. */
type NextStep = { readonly generation: number; readonly body: DepartedFact } | 'done'

type Refusal = Required<Pick<OrderAnswer, 'error'>>

const refusalOn =
  (node: string) =>
  (code: ErrorCode, message: string, mend?: string): Refusal => ({
    error: { code, message, address: node, ...(mend === undefined ? {} : { mend }) },
  })

/**
 * An operator's word on a name, written by a manager (S14, ADR 42). It is in departed facts only, which managers may
 * write of anybody: `evicted` ends the newest generation, or the next one where that has ended already, which nobody then
 * can have; so does the word that it may join again. Whoever repeats an order is told how it stands.
 */
export class Evictions {
  readonly #ground: EvictionGround

  constructor(ground: EvictionGround) {
    this.#ground = ground
  }

  evict({ node, reason }: EvictMessage): Promise<OrderAnswer> {
    return this.#order(node, (self, { generation, hasEnded, isEvicted }) => {
      if (hasEnded && isEvicted) return 'done'
      const text = reason === undefined ? {} : { reason }
      const body = { kind: 'evicted', by: self.nodeId, ...text } as const
      return { generation: hasEnded ? generation + 1 : generation, body }
    })
  }

  /** Without the eviction that is meant it is a question; of one that is over the order is obeyed already. */
  readmit({ node, evicted }: ReadmitMessage): Promise<OrderAnswer> {
    if (evicted === undefined) return this.#standing(node)
    return this.#order(node, (self, { generation, isEvicted, ...name }) =>
      isEvicted && name.evicted === evicted
        ? { generation: generation + 1, body: { kind: 'left', by: self.nodeId, reason: 'readmitted' } }
        : 'done',
    )
  }

  /** Which eviction of a name stands, if one does. */
  async #standing(node: string): Promise<OrderAnswer> {
    const name = await this.#known(node)
    if ('error' in name) return name
    const { generation, isEvicted, evicted } = name
    return isEvicted ? { generation, evicted } : { generation }
  }

  /** Whether nobody would be left who could take this node in again. */
  #isLastManager(self: Self, node: string): boolean {
    const others = this.#ground.peers.views()
    return (
      node === self.nodeId &&
      !others.some(({ state, peer }) => state === 'active' && peer.roles.includes('manager'))
    )
  }

  async #order(node: string, next: (self: Self, name: NameState) => NextStep): Promise<OrderAnswer> {
    const { voter } = this.#ground
    const refuse = refusalOn(node)
    // Each round reads what the last one wrote: whoever joins meanwhile is seen, and dealt with in the next.
    let written: string | undefined
    const self = voter()
    if (self === undefined) return refuse('unavailable', 'this manager does not take part')
    for (let round = 0; round < limits.evictionRoundsMax; round += 1) {
      const name = await this.#known(node, written)
      if ('error' in name) return name
      const step = next(self, name)
      if (step === 'done') return { generation: name.generation }
      if (step.body.kind === 'evicted' && this.#isLastManager(self, node)) {
        return refuse(
          'last_manager',
          `${node} is the only manager`,
          'start another manager first, or use covey leave',
        )
      }
      const outcome = await this.#write(node, step.generation, step.body)
      if (outcome.kind === 'unavailable') return refuse('unavailable', outcome.reason)
      if (outcome.kind === 'full') return refuse('storage_full', 'the store of facts is full')
      written = outcome.subject
    }
    return refuse('unavailable', `${node} joins and ends all the time`)
  }

  async #write(node: string, generation: number, body: DepartedFact) {
    const { links, subjects } = this.#ground.env
    const subject = subjects.fact(node, generation, 'departed')
    return { ...(await links.facts.create(subject, departedFact.encode(body))), subject }
  }

  /** As {@link #read}, where the name is known; else what to answer. */
  async #known(node: string, including?: string): Promise<NameState | Refusal> {
    const refuse = refusalOn(node)
    const name = await this.#read(node, including)
    if (typeof name === 'string') return refuse('unavailable', name)
    if (name.generation > 0) return name
    return refuse('not_found', `no node ${node} has ever joined`, 'see covey status --all')
  }

  /** The facts of a name, `including` one that is known to exist; why they cannot be read otherwise. */
  async #read(node: string, including: string | undefined): Promise<NameState | string> {
    const { env } = this.#ground
    try {
      const facts = await env.links.facts.list(env.subjects.factsOf(node))
      const isNew = including === undefined || facts.some(({ subject }) => subject === including)
      return isNew ? nameState(env, facts) : 'the store lags'
    } catch (error) {
      return `the facts of ${node} cannot be read: ${String(error)}`
    }
  }
}
