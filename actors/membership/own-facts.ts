import type { NodeEvent } from '@covey/machines'
import { activeFact, type JoinedFact, joinedFact } from '@covey/protocol'
import type { Environment } from '../environment.js'
import { readFrame } from './frame-door.js'
import type { NameFacts } from './name-facts.js'
import type { PatientFacts } from './patient-facts.js'
import { pause } from './pause.js'
import { TaskRow } from './task-row.js'

interface OwnFactsGround {
  readonly env: Environment
  readonly nodeId: string
  readonly joined: JoinedFact
  tell(event: NodeEvent): void
}

/**
 * Sees to it that the store has what this process has said of its generation: one that lost power, or was put back to an
 * older copy, has forgotten the last of it, and whoever reads it from then on would know nothing of this node (K11).
 */
export class OwnFacts {
  readonly #ground: OwnFactsGround
  readonly #facts: PatientFacts
  readonly #name: NameFacts
  readonly #tasks: TaskRow

  constructor(ground: OwnFactsGround, facts: PatientFacts, name: NameFacts) {
    this.#ground = ground
    this.#facts = facts
    this.#name = name
    this.#tasks = new TaskRow(ground.env)
  }

  /** Looks, and says again what is missing; where another process has won the generation meanwhile it is told of that. */
  assure(generation: number, phase: 'joined' | 'active'): void {
    const { env } = this.#ground
    this.#tasks.begin('look at the own facts', async (signal) => {
      while (!signal.aborted && (await this.#say(generation, phase, signal)) === 'full')
        await pause(env.clock, env.timings.redialMaxMs, signal)
    })
  }

  abandon(): void {
    this.#tasks.abandon()
  }

  async #say(generation: number, phase: 'joined' | 'active', signal: AbortSignal): Promise<'full' | 'done'> {
    const { env, nodeId, joined, tell } = this.#ground
    const holder = await this.#holder(generation, signal)
    if (signal.aborted || holder === undefined) return 'done'
    if (holder === 'full') return 'full'
    if (holder.bootId !== joined.bootId) {
      tell({ type: 'successor.heard', generation, bootId: holder.bootId })
      return 'done'
    }
    if (phase === 'joined') return 'done'
    const subject = env.subjects.fact(nodeId, generation, 'active')
    const outcome = await this.#facts.create(subject, activeFact.encode({ bootId: joined.bootId }), signal)
    return outcome === 'full' ? 'full' : 'done'
  }

  /** Who has the generation by the store; `undefined` where it is over, or nobody can tell: the watch of the facts tells. */
  async #holder(
    generation: number,
    signal: AbortSignal,
  ): Promise<Pick<JoinedFact, 'bootId'> | 'full' | undefined> {
    const { env, nodeId, joined } = this.#ground
    const found = await this.#facts.find(env.subjects.fact(nodeId, generation, 'joined'), signal)
    if (found === 'abandoned') return undefined
    if (found !== 'absent') return readFrame(env, found, joinedFact)
    const claimed = await this.#name.claim(generation, joined, signal)
    if (claimed === 'full' || claimed === 'abandoned') return claimed === 'full' ? claimed : undefined
    const { holder, latest, evicted } = claimed
    return latest > generation || evicted || holder === '' ? undefined : { bootId: holder }
  }
}
