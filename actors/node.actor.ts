import { fastBound } from '@covey/engine'
import { nodeMachine } from '@covey/machines'
import type { GoodbyeReason } from '@covey/protocol'

/** What a node's decisions are carried out by. */
export interface NodeEffects {
  lookUpName(delayMs: number): void
  claim(generation: number): void
  open(generation: number): void
  greet(generation: number): void
  announceActive(generation: number): void
  activate(): void
  drain(deadlineMs: number): void
  fence(): void
  announceLeaving(generation: number, reason: GoodbyeReason): void
  writeDeparture(generation: number, reason: GoodbyeReason, dirty: boolean): void
  /** Sees to it that the store has what was said of a generation, up to this phase. */
  assureFacts(generation: number, phase: 'joined' | 'active'): void
  close(): void
  refute(generation: number, incarnation: number): void
  /** Sends what is true of this node to who says otherwise (P9). */
  sendRecord(observer: string, generation: number, incarnation: number): void
}

/** The machine of this process, bound. */
export const nodeActor = (effects: NodeEffects) =>
  fastBound(nodeMachine, {
    'name.lookUp': (_, { delayMs }) => effects.lookUpName(delayMs),
    'generation.claim': (_, { generation }) => effects.claim(generation),
    'generation.open': (_, { generation }) => effects.open(generation),
    'peers.greet': (_, { generation }) => effects.greet(generation),
    'active.announce': (_, { generation }) => effects.announceActive(generation),
    'parts.activate': () => effects.activate(),
    'parts.drain': (_, { deadlineMs }) => effects.drain(deadlineMs),
    'parts.fence': () => effects.fence(),
    'leaving.announce': (_, { generation, reason }) => effects.announceLeaving(generation, reason),
    'departure.write': (_, { generation, reason, dirty }) =>
      effects.writeDeparture(generation, reason, dirty),
    'generation.close': () => effects.close(),
    'facts.assure': (_, { generation, phase }) => effects.assureFacts(generation, phase),
    'gossip.send': (_, { generation, incarnation }) => effects.refute(generation, incarnation),
    'record.send': (_, { observer, generation, incarnation }) =>
      effects.sendRecord(observer, generation, incarnation),
  })
