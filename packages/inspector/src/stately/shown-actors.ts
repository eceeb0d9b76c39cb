import type { Transition } from '@covey/protocol'
import type { Member } from 'covey'
import { keyOf } from '../live-actors.js'
import type { KnownContext } from './context-reader.js'
import type { StatelyLimits } from './stately-limits.js'
import type { ContextOwner, StatelyActor, StatelySnapshot } from './wire-message.js'

/** What an inspector knows of a machine. */
export interface ShownMachine {
  readonly definition: string
  readonly finalStates: ReadonlySet<string>
}

/** What one transition means for who is shown the actors. */
export type Shown =
  | { readonly type: 'begun'; readonly actor: StatelyActor }
  | { readonly type: 'moved'; readonly actor: StatelyActor; readonly event: string }
  | { readonly type: 'ended'; readonly actor: StatelyActor; readonly event: string }

const endOf: Readonly<Record<string, StatelySnapshot['status']>> = {
  'xstate.done': 'done',
  'xstate.error': 'error',
}

/** Folded charts are told by who leads, and it knows their contexts. */
const ownerOf = ({ node, generation, kind, actor }: Transition): ContextOwner => ({
  ...{ node, generation, kind, actor },
})

/** The session that an actor stands below: its node's generation, or its shard. */
const homeOf = ({ node, generation, at }: Transition): { readonly id: string; readonly name: string } =>
  'shard' in at
    ? { id: `shard.${at.shard}`, name: `shard ${at.shard}` }
    : { id: `${node}/${generation}`, name: node }

/**
 * All actors of the cluster as an inspector is told of them: below a root for each generation of a node and for each
 * shard, workflows below their job. Every session id is used once: names of nodes and generations are part of it.
 */
export class ShownActors {
  /** By session id, roots and parents before what is below them. */
  readonly sessions = new Map<string, StatelyActor>()
  readonly #machines: ReadonlyMap<string, ShownMachine>
  readonly #limits: StatelyLimits
  /** Those that have reached a final state, the oldest first: they make room. */
  readonly #final = new Set<string>()
  #unshown = 0

  constructor(machines: ReadonlyMap<string, ShownMachine>, limits: StatelyLimits) {
    this.#machines = machines
    this.#limits = limits
  }

  /** How often an actor was left out for want of room. */
  get unshown(): number {
    return this.#unshown
  }

  take(transition: Transition): Shown[] {
    const sessionId = keyOf(transition)
    const known = this.sessions.get(sessionId)
    const { event, to } = transition
    if (to === '') return known === undefined ? [] : [this.#end(known, event)]
    if (known === undefined) return this.#begin(transition, sessionId)
    const status = this.#statusOf(transition)
    const actor: StatelyActor = { ...known, state: to, status, context: {}, owner: ownerOf(transition) }
    this.#keep(actor)
    return [{ type: 'moved', actor, event }]
  }

  /** Takes a context as news, where its actor is still in the state that it was told for. */
  learn({ sessionId, state, context }: KnownContext): Shown[] {
    const known = this.sessions.get(sessionId)
    if (known === undefined || known.state !== state) return []
    const actor: StatelyActor = { ...known, context }
    this.#keep(actor)
    return [{ type: 'moved', actor, event: '' }]
  }

  /** Ends the actors of generations that take part no more: nobody says it for them. */
  takeMembers(members: readonly Member[]): Shown[] {
    const living = new Set(
      members
        .filter(({ state }) => state === 'active' || state === 'leaving')
        .map(({ nodeId, generation }) => `${nodeId}/${generation}`),
    )
    return [...this.sessions.values()]
      .filter(({ rootId }) => rootId.includes('/') && !living.has(rootId))
      .map((actor) => this.#end(actor, ''))
  }

  /** Forgets everything: what follows states it anew. */
  clear(): void {
    this.sessions.clear()
    this.#final.clear()
  }

  #begin(transition: Transition, sessionId: string): Shown[] {
    const { kind, actor: name, to: state } = transition
    const home = homeOf(transition)
    const begun: Shown[] = []
    const made: StatelyActor[] = []
    if (!this.sessions.has(home.id)) {
      const definition = JSON.stringify({ id: home.name })
      const root = { sessionId: home.id, rootId: home.id, parentId: undefined, name: home.name, definition }
      made.push({ ...root, status: 'active', state: '', context: {}, owner: undefined })
    }
    const job = `${home.id}/${name.slice(0, name.indexOf('/'))}`
    const parentId = kind === 'workflow' && this.sessions.has(job) ? job : home.id
    const definition = this.#machines.get(kind)?.definition ?? JSON.stringify({ id: kind })
    const status = this.#statusOf(transition)
    const owner = ownerOf(transition)
    made.push({ sessionId, rootId: home.id, parentId, name, definition, status, state, context: {}, owner })
    if (!this.#makeRoom(made.length, begun)) {
      this.#unshown += 1
      return begun
    }
    for (const actor of made) {
      this.#keep(actor)
      begun.push({ type: 'begun', actor })
    }
    return begun
  }

  #statusOf({ kind, to }: Transition): StatelySnapshot['status'] {
    return this.#machines.get(kind)?.finalStates.has(to) === true ? 'done' : 'active'
  }

  #keep(actor: StatelyActor): void {
    this.sessions.set(actor.sessionId, actor)
    if (actor.status === 'done') this.#final.add(actor.sessionId)
  }

  /** An actor that has come to its end is told of no more; it is shown on as it was. */
  #end(known: StatelyActor, event: string): Shown {
    this.sessions.delete(known.sessionId)
    this.#final.delete(known.sessionId)
    const status = known.status === 'done' ? 'done' : (endOf[event] ?? 'stopped')
    return { type: 'ended', actor: { ...known, status }, event }
  }

  #makeRoom(count: number, ended: Shown[]): boolean {
    for (const sessionId of this.#final) {
      if (this.sessions.size + count <= this.#limits.actorsMax) return true
      const actor = this.sessions.get(sessionId)
      if (actor !== undefined) ended.push(this.#end(actor, ''))
    }
    return this.sessions.size + count <= this.#limits.actorsMax
  }
}
