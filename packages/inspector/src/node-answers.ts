import {
  CoveyError,
  errorFromReport,
  type InspectAnswer,
  type InspectMessage,
  inspectAnswer,
  inspectMessage,
  type Subjects,
} from '@covey/protocol'
import type { Bus } from '@covey/transport'

/** Asks nodes for what they tell nobody unasked. */
export class NodeAnswers {
  readonly #bus: Bus
  readonly #subjects: Subjects
  readonly #deadlineMs: number

  constructor(bus: Bus, subjects: Subjects, deadlineMs: number) {
    this.#bus = bus
    this.#subjects = subjects
    this.#deadlineMs = deadlineMs
  }

  /** The answer of one generation of a node; `undefined` where it does not answer, or in words of another version. */
  async ask(node: string, generation: number, question: InspectMessage): Promise<InspectAnswer | undefined> {
    const subject = this.#subjects.channel(node, generation, 'inspect')
    const outcome = await this.#bus.request(subject, inspectMessage.encode(question), this.#deadlineMs)
    if (outcome.kind !== 'reply') return undefined
    try {
      return inspectAnswer.decode(outcome.data)
    } catch (error) {
      if (error instanceof CoveyError && error.code === 'invalid_message') return undefined
      throw error
    }
  }

  /** As `ask`, for who cannot do without: rejects `unavailable`, or with the error of the node. */
  async demand<Type extends InspectAnswer['type']>(
    node: string,
    generation: number,
    question: InspectMessage & { readonly type: Type },
  ): Promise<Extract<InspectAnswer, { type: Type }>> {
    const answer = await this.ask(node, generation, question)
    if (answer?.type === 'error') throw errorFromReport(answer.error)
    if (answer?.type === question.type) return answer as Extract<InspectAnswer, { type: Type }>
    throw new CoveyError('unavailable', `${node} does not answer`, {
      address: node,
      mend: 'try again: a node that is gone leaves the list soon',
    })
  }
}
