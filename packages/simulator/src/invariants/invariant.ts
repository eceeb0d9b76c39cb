import type { FactPhase } from '@covey/protocol'
import type { JobsView } from '../jobs/jobs-view.js'
import type { SimulatedNode } from '../simulated-node.js'
import type { SimulatedWorld } from '../simulated-world.js'

/** A fact as the store told it. */
export interface ToldFact {
  readonly node: string
  readonly generation: number
  readonly phase: FactPhase
  readonly data: Uint8Array
}

/** What an invariant can see: all of the world, from outside. */
export interface Scene {
  readonly world: SimulatedWorld
  /** The processes that may not be as they were when they were last looked at: all of them once in a while. */
  changed(): readonly SimulatedNode[]
  /** Facts that the store has told since the last call. */
  takeFacts(): readonly ToldFact[]
  /** The last moment at which something was wrong with this name or with everybody; now where it still is. */
  lastTroubleMs(name: string): number
  /** How often everything lost its power, and facts with it: nobody who lives now has seen what was before. */
  powerLosses(): number
  /** Names whose eviction an operator has asked for at any time. */
  evictionsAsked(): ReadonlySet<string>
  /** Names that are out by the word of a manager until an operator asks for their return: up to which generation, since when. */
  out(): ReadonlyMap<string, { readonly generation: number; readonly sinceMs: number }>
}

/** Something that must be true after every step. It shares no code with what it watches. */
export interface Invariant {
  readonly name: string
  /** What is wrong, and was not told before; empty where all is well. */
  look(): readonly string[]
}

/** Makes an invariant for one world. */
export type DefineInvariant = (scene: Scene) => Invariant

/** What an invariant of work can see beside that. */
export interface JobScene extends Scene {
  readonly jobs: JobsView
}

/** Makes an invariant for one world with work in it. */
export type DefineJobInvariant = (scene: JobScene) => Invariant
