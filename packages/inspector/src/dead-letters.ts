import type { NodeAnswers } from './node-answers.js'
import type { Answers, LetterRow, NodeCounters } from './page-protocol.js'

interface Told {
  /** How many the node had counted when it was asked. */
  readonly total: number
  readonly rows: readonly LetterRow[]
}

const keyOf = ({ node, generation }: NodeCounters): string => `${node}/${generation}`

/** The last dead letters of every node that takes part: a node is asked for them only when it has counted more. */
export class DeadLetters {
  readonly #nodes: NodeAnswers
  readonly #told = new Map<string, Told>()

  constructor(nodes: NodeAnswers) {
    this.#nodes = nodes
  }

  /** The newest of all nodes first, and how many there were. */
  list(rowsMax: number): Answers['letters.list'] {
    const told = [...this.#told.values()]
    const rows = told.flatMap((one) => one.rows).sort((one, other) => other.atMs - one.atMs)
    return { rows: rows.slice(0, rowsMax), total: told.reduce((sum, { total }) => sum + total, 0) }
  }

  /** Asks a node for what it has, where it has counted more than it has told. */
  async take(counted: NodeCounters): Promise<void> {
    const { node, generation, counters } = counted
    const key = keyOf(counted)
    if ((counters.deadLetters ?? 0) === (this.#told.get(key)?.total ?? 0)) return
    const answer = await this.#nodes.ask(node, generation, { type: 'letters' })
    if (answer?.type !== 'letters') return
    const { letters, total } = answer
    const rows = letters.map((letter, index) => ({ ...letter, node, generation, number: total - index }))
    this.#told.set(key, { total, rows })
  }

  /** Forgets what all others have told. */
  keep(nodes: readonly NodeCounters[]): void {
    const kept = new Set(nodes.map(keyOf))
    for (const key of this.#told.keys()) if (!kept.has(key)) this.#told.delete(key)
  }
}
