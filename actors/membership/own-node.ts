import type { NodeEvent } from '@covey/machines'
import {
  activeFact,
  byeMessage,
  departedFact,
  type ErrorCode,
  type GoodbyeReason,
  gossipMessage,
  leavingFact,
} from '@covey/protocol'
import type { Sessions } from '../connection/sessions.js'
import type { Environment, Self } from '../environment.js'
import type { NodeEffects } from '../node.actor.js'
import type { Corrections } from './corrections.js'
import type { GenerationDoor } from './generation-door.js'
import { Greeting, type GreetingGround } from './greeting.js'
import { NameFacts } from './name-facts.js'
import { OwnFacts } from './own-facts.js'
import type { OwnHealth } from './own-health.js'
import type { PartKeeper } from './part-keeper.js'
import { PatientFacts } from './patient-facts.js'
import { pause } from './pause.js'
import { TaskRow } from './task-row.js'

/** What the effects of the own node work with. */
export interface OwnNodeGround extends GreetingGround {
  readonly parts: PartKeeper
  readonly door: GenerationDoor
  readonly sessions: Sessions
  readonly corrections: Corrections
  readonly health: OwnHealth
  /** The run that opens; `undefined` when it is over. */
  hold(self: Self | undefined): void
  tell(event: NodeEvent): void
}

/** Does what the node machine decides: its facts, its doors, its parts. */
export class OwnNode implements NodeEffects {
  readonly #ground: OwnNodeGround
  readonly #tasks: TaskRow
  readonly #facts: PatientFacts
  readonly #name: NameFacts
  readonly #said: OwnFacts
  readonly #greeting: Greeting

  constructor(ground: OwnNodeGround) {
    this.#ground = ground
    this.#tasks = new TaskRow(ground.env)
    this.#facts = new PatientFacts(ground.env)
    this.#name = new NameFacts(ground.env, this.#facts, ground.nodeId)
    this.#said = new OwnFacts(ground, this.#facts, this.#name)
    this.#greeting = new Greeting(ground)
  }

  lookUpName(delayMs: number): void {
    const { env, joined } = this.#ground
    this.#tasks.begin('look-up of the own name', async (signal) => {
      await pause(env.clock, delayMs, signal)
      const seen = await this.#name.lookUp(joined.bootId, signal)
      this.#tell(signal, { type: 'name.seen', ...seen })
    })
  }

  claim(generation: number): void {
    this.#tasks.begin('claim', async (signal) => {
      const state = await this.#name.claim(generation, this.#ground.joined, signal)
      if (state === 'full') this.#refuse(signal, 'storage_full')
      else if (state !== 'abandoned') this.#tell(signal, { type: 'claim.settled', generation, ...state })
    })
  }

  /** Subscribes everything of a generation, and makes sure that the broker has it, before anybody is told (K31). */
  open(generation: number): void {
    const { env, nodeId, joined, parts, door, hold } = this.#ground
    const self = { nodeId, generation, bootId: joined.bootId }
    hold(self)
    door.open(self)
    const isVouchedFor = door.vouch(self)
    parts.open(self)
    this.#tasks.begin('opening', async (signal) => {
      await Promise.all([this.#flush(env, signal), isVouchedFor])
      this.#tell(signal, { type: 'generation.opened', generation })
    })
  }

  greet(generation: number): void {
    const { env } = this.#ground
    this.#tasks.begin('greeting', async (signal) => {
      const objection = await this.#greeting.objection(generation, signal)
      if (objection === undefined || signal.aborted) this.#tell(signal, { type: 'peers.greeted', generation })
      else {
        env.notice({ kind: 'join.refused', reason: objection.detail })
        this.#refuse(signal, objection.code, objection.detail)
      }
    })
  }

  announceActive(generation: number): void {
    const { env, nodeId, joined } = this.#ground
    const subject = env.subjects.fact(nodeId, generation, 'active')
    this.#tasks.begin('announcement', async (signal) => {
      const outcome = await this.#facts.create(subject, activeFact.encode({ bootId: joined.bootId }), signal)
      if (outcome === 'full') this.#refuse(signal, 'storage_full')
      else this.#tell(signal, { type: 'active.announced', generation })
    })
  }

  activate(): void {
    this.#ground.parts.activate()
    this.#ground.sessions.activate()
  }

  drain(deadlineMs: number): void {
    this.#tasks.join('drain', async (signal) => {
      const clean = await this.#ground.parts.drain(deadlineMs)
      this.#tell(signal, { type: 'parts.drained', clean })
    })
  }

  fence(): void {
    this.#ground.parts.fence()
  }

  announceLeaving(generation: number, reason: GoodbyeReason): void {
    const { env, nodeId, sessions } = this.#ground
    const { links, subjects } = env
    sessions.drainAll()
    // Lossy and quick; who misses it finds the fact.
    links.control.publish(subjects.news('bye', nodeId), byeMessage.encode({ generation, reason }))
    this.#tasks.begin('goodbye', async (signal) => {
      await this.#facts.create(
        subjects.fact(nodeId, generation, 'leaving'),
        leavingFact.encode({ reason }),
        signal,
      )
    })
  }

  writeDeparture(generation: number, reason: GoodbyeReason, dirty: boolean): void {
    const { env, nodeId } = this.#ground
    // A node that never won a generation has none to end.
    if (generation === 0) return
    const subject = env.subjects.fact(nodeId, generation, 'departed')
    const body = { kind: 'left', by: nodeId, reason, ...(dirty ? { dirty } : {}) } as const
    this.#tasks.begin('departure', async (signal) => {
      const outcome = await this.#facts.create(subject, departedFact.encode(body), signal)
      if (outcome !== 'full') this.#tell(signal, { type: 'departure.written' })
    })
  }

  assureFacts(generation: number, phase: 'joined' | 'active'): void {
    this.#said.assure(generation, phase)
  }

  close(): void {
    const { door, parts, sessions, hold } = this.#ground
    this.#tasks.abandon()
    this.#said.abandon()
    door.close()
    parts.close()
    sessions.reset()
    hold(undefined)
  }

  refute(generation: number, incarnation: number): void {
    const { env, nodeId, health } = this.#ground
    health.note('suspicion.refuted')
    const gossip = gossipMessage.encode({ generation, incarnation, state: 'active' })
    env.links.control.publish(env.subjects.news('gossip', nodeId), gossip)
  }

  sendRecord(observer: string, generation: number, incarnation: number): void {
    const { nodeId, peers, corrections } = this.#ground
    const to = peers.view(observer)?.peer
    if (to !== undefined) {
      corrections.send(to, { node: nodeId, generation, phase: 'active', incarnation, dep: 'none' })
    }
  }

  /** Answers go to the state that asked: one that was abandoned is not answered. */
  #tell(signal: AbortSignal, event: NodeEvent): void {
    if (!signal.aborted) this.#ground.tell(event)
  }

  #refuse(signal: AbortSignal, code: ErrorCode, detail?: string): void {
    const why = detail === undefined ? { code } : { code, detail }
    this.#tell(signal, { type: 'join.refused', ...why, atMs: this.#ground.env.clock.now() })
  }

  async #flush({ links, clock, timings, notice }: Environment, signal: AbortSignal): Promise<void> {
    const attempt = (): Promise<unknown> =>
      links.control.flush().then(
        () => undefined,
        (error: unknown) => error,
      )
    for (let error = await attempt(); error !== undefined && !signal.aborted; error = await attempt()) {
      notice({ kind: 'store.waiting', what: 'subscriptions', reason: String(error) })
      await pause(clock, timings.redialMinMs, signal)
    }
  }
}
