import { grantMessage, type RenewMessage } from '@covey/protocol'
import type { Environment } from '../environment.js'
import type { Members } from '../membership/members.js'
import type { Outgoing } from './outgoing.js'
import type { Seats } from './seats.js'
import { isEnded, isHeld, type ShardState, type WorkflowRecord, workerKey } from './shard-state.js'
import { placeOf } from './terms.js'
import type { Wants } from './wants.js'

/** What a crew is made with: one per term. */
export interface CrewOptions {
  readonly env: Environment
  readonly state: ShardState
  readonly seats: Seats
  readonly members: Members
  readonly outgoing: Outgoing
  readonly barrier: (callback: () => void) => void
  readonly wants: Wants
  /** A renewal has been granted: the answer says that the log goes so far. */
  readonly onGranted: (sequence: number) => void
}

/** Why what a worker holds is not to go on: another attempt runs, or none does. */
const overBecause = ({ snapshot: { value } }: WorkflowRecord): string =>
  isHeld(value) ? 'another attempt has taken over' : `this attempt is over: its workflow is ${value}`

/** A leader's dealings with its workers: grants, the opening list, and who may be given work. */
export class Crew {
  readonly #options: CrewOptions

  constructor(options: CrewOptions) {
    this.#options = options
  }

  /** Takes a worker's renewal; the grant follows an append that is published after it came (K7). */
  renew(message: RenewMessage, reply: string | undefined): void {
    const { env, state, seats, barrier, wants, onGranted } = this.#options
    const { worker, generation } = message
    // A generation that has ended is never granted anything again (K34), also when it ends before the append is there.
    if (this.#isEnded(worker, generation)) return
    const seat = seats.renew(message, state)
    seat.heardAtMs = env.clock.now()
    this.routeAround()
    if (!seat.opened) this.#askOpening(worker, generation)
    this.#stopStale(message)
    barrier(() => {
      if (this.#isEnded(worker, generation)) return
      seat.grantedAtMs = env.clock.now()
      if (reply === undefined) return
      const want = wants.of(seat)
      const returned = seat.returned.size > 0 && { returned: [...seat.returned] }
      const grant = { epoch: state.epoch, ...placeOf(state), ...(want && { want }), ...returned }
      if (env.links.control.publish(reply, grantMessage.encode(grant))) onGranted(grant.sequence)
    })
  }

  /** A worker has spoken: whatever probes say, it is alive. */
  heard({ worker, generation }: { readonly worker: string; readonly generation: number }): void {
    const { env, seats } = this.#options
    const seat = seats.find(worker, generation)
    if (seat) seat.heardAtMs = env.clock.now()
  }

  /** Asks every worker for its word on what the log has given it: only then do its credits count (K10). */
  openAll(): void {
    const { state, members } = this.#options
    const asked = new Set<string>()
    for (const key of state.attempts.keys()) {
      const dot = key.lastIndexOf('.')
      asked.add(key)
      this.#askOpening(key.slice(0, dot), Number(key.slice(dot + 1)))
    }
    for (const { nodeId, generation, roles } of members.all()) {
      if (roles.includes('worker') && !asked.has(workerKey(nodeId, generation)))
        this.#askOpening(nodeId, generation)
    }
  }

  /**
   * Gives work to those whom membership sees active. A suspect is routed around, and so is one whose event loop does not
   * turn, unless it has just spoken: who renews is alive and turns, whatever the probes say.
   */
  routeAround(): void {
    const { env, seats, members } = this.#options
    const silentSinceMs = env.clock.now() - 2 * env.timings.renewalIntervalMs
    for (const seat of seats.all()) {
      const member = members.find(seat.worker)
      if (member?.generation === seat.generation) seats.label(seat, member.labels)
      const isDoubted = member?.state === 'suspect' || (member?.state === 'active' && member.busy === true)
      const takesWork = isDoubted ? seat.heardAtMs >= silentSinceMs : member?.state === 'active'
      seat.routable = member?.generation === seat.generation && takesWork
    }
  }

  #isEnded(worker: string, generation: number): boolean {
    const { state, members } = this.#options
    const logged = (state.endedGenerations.get(worker) ?? 0) >= generation
    return logged || members.endOf(worker, generation) !== undefined
  }

  #askOpening(worker: string, generation: number): void {
    if (this.#isEnded(worker, generation)) return
    const held = this.#options.state.attempts.get(workerKey(worker, generation)) ?? []
    this.#options.outgoing.ask({ worker, generation }, [...held], true)
  }

  /** Stops what a worker holds under a token that is not the newest of its workflow. */
  #stopStale({ worker, generation, held }: RenewMessage): void {
    for (const { token, workflow } of held) {
      const record = this.#options.state.workflows.get(workflow)
      const over = record && (isEnded(record.snapshot.value) || record.snapshot.context.token !== token)
      if (!over) continue
      const order = {
        token,
        workflow,
        credits: [],
        cause: 'cancel' as const,
        reason: overBecause(record),
      }
      this.#options.outgoing.cancel({ worker, generation }, order)
    }
  }
}
