import { activeFact, joinedFact, probeAnswer, probeDoor, relayAnswer, voteMessage } from '@covey/protocol'
import type { SimulatedWorld } from '@covey/simulator'
import type { Links } from '@covey/transport'

/** A member by its facts and its answers to probes only: it does and says nothing by itself. */
export class ScriptedMember {
  readonly name: string
  readonly links: Links
  answers = true
  /** Whether it says that it has asked in vain, when it is asked to ask another. */
  answersRelays = true
  /** Whether it says that it reaches who asks it to ask the asker itself. */
  reaches = true
  /** Whose probes do not reach it. */
  readonly ignores = new Set<string>()
  /** How long it takes to answer a probe, and how many it has heard. */
  answersAfterMs = 0
  heardProbes = 0
  /** What it says when it is asked whether it stands by a vote (K32). */
  suspects = false
  readonly #world: SimulatedWorld
  #number = 0

  constructor(world: SimulatedWorld, name: string) {
    this.name = name
    this.links = world.broker.open(name)
    this.#world = world
  }

  /** Joins and is active in generation 1, with subjects that answer. */
  async join(): Promise<void> {
    const { subjects } = this.#world
    const bootId = `boot-of-${this.name}-the-scripted`
    this.links.control.subscribe(subjects.node(this.name, 1, 'probe'), ({ data, reply }) => {
      const { kind, body } = probeDoor.decode(data)
      if (kind === 'probe.relay' && this.answersRelays && reply !== undefined) {
        const answered = this.reaches && body.subject.node === body.from
        this.links.control.publish(reply, relayAnswer.encode({ generation: 1, answered }))
      }
      if (kind !== 'node.probe') return
      this.heardProbes += 1
      if (!this.answers || this.ignores.has(body.from) || reply === undefined) return
      const answer = { generation: 1, state: 'active', health: 0, suspected: this.suspects }
      const say = (): boolean => this.links.control.publish(reply, probeAnswer.encode(answer))
      if (this.answersAfterMs === 0) say()
      else this.#world.heap.setTimeout(say, this.answersAfterMs)
    })
    const body = { bootId, host: 'h', pid: 1, roles: [], slots: 0, version: '1.0.0', since: '' }
    const { facts } = this.links
    await facts.create(subjects.fact(this.name, 1, 'joined'), joinedFact.encode(body))
    await facts.create(subjects.fact(this.name, 1, 'active'), activeFact.encode({ bootId }))
  }

  /** States once that it suspects these nodes in their first generation, as one that hears every refutation and suspects again. */
  vote(suspects: readonly string[], health = 0): void {
    this.#number += 1
    const vote = {
      generation: 1,
      number: this.#number,
      health,
      suspects: suspects.map((node) => ({ node, generation: 1, incarnation: this.#number })),
    }
    this.links.control.publish(this.#world.subjects.news('vote', this.name), voteMessage.encode(vote))
  }
}
