import type { nodeMachine } from '@covey/machines'
import type { MemberRecord } from '@covey/protocol'
import type { SnapshotFrom } from 'xstate'
import type { Self } from '../environment.js'
import type { Member } from './members.js'
import { asMemberState, type MembershipOptions, type NodeState } from './membership.js'

type NodeSnapshot = SnapshotFrom<typeof nodeMachine>

/** What this node is, for itself and for others: read off the last snapshot of its actor, until its part is over. */
export class OwnView {
  readonly #options: MembershipOptions
  #snapshot: NodeSnapshot | undefined
  #endState: NodeState | undefined
  /** The generation that is open. */
  #held: Self | undefined
  /** As long as it is what it was. */
  #member: Member | undefined

  constructor(options: MembershipOptions) {
    this.#options = options
  }

  get state(): NodeState {
    return this.#endState ?? this.#snapshot?.value ?? 'idle'
  }

  get isOver(): boolean {
    return this.#endState !== undefined
  }

  get incarnation(): number {
    return this.#snapshot?.context.incarnation ?? 0
  }

  /** The generation that takes part, or says goodbye. */
  get self(): Self | undefined {
    return this.state === 'active' || this.state === 'leaving' ? this.#held : undefined
  }

  /** The generation that may vote. */
  get voter(): Self | undefined {
    return this.state === 'active' ? this.#held : undefined
  }

  get member(): Member {
    this.#member ??= this.#asMember()
    return this.#member
  }

  #asMember(): Member {
    const { nodeId, roles, slots, host, pid, since, labels = [] } = this.#options
    const generation = this.#snapshot?.context.generation ?? 0
    const state = this.#isBack() ? 'reentering' : asMemberState[this.state]
    return { nodeId, generation, state, roles, slots, host, pid, since, labels }
  }

  get record(): MemberRecord | undefined {
    const [phase, held] = [this.state, this.#held]
    if (held === undefined || (phase !== 'active' && phase !== 'leaving')) return undefined
    const { nodeId, generation } = held
    return { node: nodeId, generation, phase, incarnation: this.incarnation, dep: 'none' }
  }

  hold(self: Self | undefined): void {
    this.#held = self
  }

  /** Takes the next snapshot; answers the member where others are to be told. */
  move(snapshot: NodeSnapshot): Member | undefined {
    const before = this.member
    this.#snapshot = snapshot
    this.#member = undefined
    const { member } = this
    const isNews = member.state !== before.state || member.generation !== before.generation
    return isNews && member.generation > 0 ? member : undefined
  }

  end(state: NodeState): void {
    this.#endState = state
    this.#member = undefined
  }

  /** A generation has ended or was given up: what follows is a re-entry, whether or not it was ever active. */
  #isBack(): boolean {
    if (this.#snapshot === undefined || (this.state !== 'dialing' && this.state !== 'joining')) return false
    const { wasActive, flapScore } = this.#snapshot.context
    return wasActive || flapScore > 0
  }
}
