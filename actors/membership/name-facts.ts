import { type JoinedFact, joinedFact } from '@covey/protocol'
import type { Environment } from '../environment.js'
import { readFrame } from './frame-door.js'
import { nameState } from './name-state.js'
import type { PatientFacts } from './patient-facts.js'
import { pause } from './pause.js'
import { probe } from './probe.js'

/** Who holds a generation, and the newest there is: both are needed to know that a claim is won (K12). */
export interface ClaimState {
  readonly holder: string
  readonly latest: number
  /** An operator has put the name out (S14). */
  readonly evicted: boolean
}

/** What the facts and the holder of a name say about it. */
export class NameFacts {
  readonly #env: Environment
  readonly #facts: PatientFacts
  readonly #nodeId: string

  constructor(env: Environment, facts: PatientFacts, nodeId: string) {
    this.#env = env
    this.#facts = facts
    this.#nodeId = nodeId
  }

  /** The newest generation, whether another process than `bootId` answers to it (K15), and whether the name is out. */
  async lookUp(
    bootId: string,
    signal: AbortSignal,
  ): Promise<{ latest: number; answered: boolean; evicted: boolean }> {
    const { generation, record, hasEnded, isEvicted } = nameState(
      this.#env,
      await this.#facts.list(this.#env.subjects.factsOf(this.#nodeId), signal),
    )
    const mayLive = generation > 0 && !hasEnded && record?.bootId !== bootId
    const answered = mayLive && !isEvicted && (await this.#answers(generation, signal))
    return { latest: generation, answered, evicted: isEvicted }
  }

  /** Tries for a generation. `full` where the store takes no more. */
  async claim(
    generation: number,
    body: JoinedFact,
    signal: AbortSignal,
  ): Promise<ClaimState | 'full' | 'abandoned'> {
    const subject = this.#env.subjects.fact(this.#nodeId, generation, 'joined')
    const outcome = await this.#facts.create(subject, joinedFact.encode(body), signal)
    if (outcome === 'full' || outcome === 'abandoned') return outcome
    // A create that exists may be the own one, whose acknowledgement was lost: the boot id tells.
    const holder = outcome === 'created' ? body.bootId : await this.#holderOf(subject, signal)
    const all = await this.#facts.list(this.#env.subjects.factsOf(this.#nodeId), signal, subject)
    const name = nameState(this.#env, all)
    // A generation that ended before it joined was ended for an operator: nobody can have it.
    const latest = name.generation === generation && name.hasEnded ? generation + 1 : name.generation
    return { holder, latest: Math.max(generation, latest), evicted: name.isEvicted }
  }

  async #holderOf(subject: string, signal: AbortSignal): Promise<string> {
    const fact = await this.#facts.readExisting(subject, signal)
    return (fact && readFrame(this.#env, fact, joinedFact)?.bootId) ?? ''
  }

  async #answers(generation: number, signal: AbortSignal): Promise<boolean> {
    const target = { nodeId: this.#nodeId, generation }
    const from = { nodeId: this.#nodeId, generation: 0 }
    const { clock, timings } = this.#env
    // A lost question is no proof of death, so silence is asked twice; that nobody listens is told by the broker.
    for (let silences = 0; silences < 2 && !signal.aborted; ) {
      const outcome = await probe(this.#env, from, target)
      if (outcome.kind === 'answered') return true
      if (outcome.kind === 'unknown') await pause(clock, timings.redialMinMs, signal)
      else if (outcome.nobody && (silences > 0 || this.#isLinkSettled)) return false
      else {
        silences += 1
        // The broker may just have started, and the holder be on its way back: it dials within that time (K14).
        if (outcome.nobody) await pause(clock, timings.redialMaxMs + timings.probeTimeoutMs, signal)
      }
    }
    return false
  }

  /** Whether everybody had the time to dial since the own link is up. */
  get #isLinkSettled(): boolean {
    const { links, clock, timings } = this.#env
    const { state, stateSinceMs } = links.control
    return state === 'up' && clock.now() - stateSinceMs >= timings.linkSettleMs
  }
}
