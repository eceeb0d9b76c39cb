import type { NodeEvent, NodeOutput, nodeMachine } from '@covey/machines'
import { CoveyError, type GoodbyeReason, limits } from '@covey/protocol'
import type { SnapshotFrom } from 'xstate'
import { BrokerLinks } from '../connection/broker-links.js'
import type { Sessions } from '../connection/sessions.js'
import { termsOf } from '../connection/terms.js'
import type { Environment, Self } from '../environment.js'
import { nodeActor } from '../node.actor.js'
import { GenerationDoor } from './generation-door.js'
import { MembersView } from './members-view.js'
import type { Membership, MembershipEnd, MembershipOptions, NodeState } from './membership.js'
import { Others } from './others.js'
import { OwnNode } from './own-node.js'
import { OwnView } from './own-view.js'
import { PartKeeper } from './part-keeper.js'
import { joinError, Ready } from './ready.js'
import { Signal } from './signal.js'

type NodeSnapshot = SnapshotFrom<typeof nodeMachine>

/**
 * Makes this process a member of its cluster. A node that has departed comes back only by another call, which takes a
 * new generation: that is `rejoin()`. Throws `name_in_use` where the name already lives in this actor system.
 */
export function startMembership(env: Environment, options: MembershipOptions): Membership {
  const { nodeId } = options
  if (env.system.has(addressOf(nodeId))) {
    throw new CoveyError('name_in_use', `node ${nodeId} lives in this process already`, { address: nodeId })
  }
  const membership = new LocalMembership(env, options)
  membership.start()
  return membership
}

const addressOf = (nodeId: string): string => `node.${nodeId}`

class LocalMembership implements Membership {
  readonly address: string
  readonly bootId: string
  readonly members: MembersView
  readonly #env: Environment
  readonly #options: MembershipOptions
  readonly #view: OwnView
  readonly #links: BrokerLinks
  readonly #others: Others
  readonly #own: OwnNode
  readonly #ready: Ready
  readonly #caughtUp = new Signal<void>()
  readonly #closed = new Signal<MembershipEnd>()

  constructor(env: Environment, options: MembershipOptions) {
    const { nodeId } = options
    this.#env = env
    this.#options = options
    this.#view = new OwnView(options)
    this.address = addressOf(nodeId)
    this.bootId = env.random.id()
    this.#ready = new Ready(env.clock, env.timings.readyDeadlineMs, () => this.#late())
    this.#links = new BrokerLinks(env, nodeId)
    this.#others = this.#makeOthers()
    const { peers, endings, prober } = this.#others
    const source = {
      all: () => [this.#view.member, ...peers.members()],
      find: (name: string) => (name === nodeId ? this.#view.member : peers.member(name)),
      ask: (name: string) => {
        const peer = peers.view(name)
        if (peer !== undefined) prober.askSoon(peer)
      },
    }
    this.members = new MembersView(env, source, endings)
    this.#own = this.#makeOwn()
  }

  get ready(): Promise<Self> {
    return this.#ready.promise
  }

  get closed(): Promise<MembershipEnd> {
    return this.#closed.promise
  }

  get sessions(): Sessions {
    return this.#others.sessions
  }

  get links(): BrokerLinks {
    return this.#links
  }

  get localHealth(): number {
    return this.#others.health.value
  }

  state(): NodeState {
    return this.#view.state
  }

  start(): void {
    const { system, random, timings } = this.#env
    const { nodeId, replace = false } = this.#options
    const { joinDeadlineMs, leaveDeadlineMs, probeIntervalMs, redialMinMs, redialMaxMs, workerSelfFenceMs } =
      timings
    const actor = system.spawn(nodeActor(this.#own), {
      id: this.address,
      input: {
        ...{ nodeId, replace, bootId: this.bootId, chance: random.next() },
        ...{ joinAttemptsMax: limits.joinAttemptsMax, joinDeadlineMs, leaveDeadlineMs },
        ...{ probeIntervalMs, redialMinMs, redialMaxMs, workerSelfFenceMs },
      },
    })
    actor.subscribe({
      next: (snapshot) => this.#moved(snapshot),
      error: (error) => this.#failed(error),
      complete: () => this.#ended(actor.getSnapshot().output),
    })
    this.#links.start()
    this.#others.start()
    system.send(this.address, { type: 'node.start' })
  }

  async leave(reason: GoodbyeReason): Promise<void> {
    this.#tell({ type: 'node.leave', reason })
    await this.closed
  }

  async close(): Promise<void> {
    if (!this.#view.isOver) {
      this.#env.system.stop(this.address)
      this.#own.close()
      this.#finish({ state: 'departed', reason: 'closed' })
    }
    await this.closed
  }

  /** Not ready in time: it ends, so that nothing joins of which nobody waits any more (N6). Answers why. */
  #late(): CoveyError {
    const code = this.#view.state === 'dialing' ? 'unreachable' : 'deadline'
    this.#tell({ type: 'join.refused', code, atMs: this.#env.clock.now() })
    return joinError(code, this.#options.nodeId)
  }

  /** Once it is over, the address may be that of a successor. */
  #tell(event: NodeEvent): void {
    if (!this.#view.isOver) this.#env.system.send(this.address, event)
  }

  #moved(snapshot: NodeSnapshot): void {
    const member = this.#view.move(snapshot)
    if (this.#view.voter !== undefined) this.#ready.resolve(this.#view.voter)
    if (member !== undefined) this.members.tell({ kind: 'changed', member })
  }

  #ended(output: NodeOutput | undefined): void {
    if (output === undefined) return
    const { state, reason } = output
    const detail = state === 'failed' ? output.detail : undefined
    if (reason === 'left') this.#finish({ state, reason })
    else this.#finish({ state, reason, error: joinError(reason, this.#options.nodeId, detail) })
  }

  /** The node's actor threw, which is a defect of ours: the process takes part no more. */
  #failed(error: unknown): void {
    this.#env.notice({ kind: 'defect', what: 'the node actor threw', error })
    this.#own.close()
    this.#finish({ state: 'failed', reason: 'closed', error: joinError('closed', this.#options.nodeId) })
  }

  #finish(end: MembershipEnd): void {
    this.#view.end(end.state)
    this.#ready.reject(
      end.error ?? joinError(end.reason === 'closed' ? 'closed' : 'departed', this.#options.nodeId),
    )
    this.#others.close()
    this.#links.close()
    this.members.close()
    this.#closed.resolve(end)
  }

  #makeOthers(): Others {
    const { nodeId, version, manager: isManager } = this.#options
    return new Others({
      env: this.#env,
      nodeId,
      version,
      isManager,
      self: () => this.#view.self,
      voter: () => this.#view.voter,
      state: () => this.#view.state,
      incarnation: () => this.#view.incarnation,
      record: () => this.#view.record,
      tellNode: (event) => this.#tell(event),
      tellMembers: (news) => this.members.tell(news),
      onCaughtUp: () => {
        this.members.noteCaughtUp()
        this.#caughtUp.resolve()
      },
    })
  }

  #makeOwn(): OwnNode {
    const { roles, slots, host, pid, version, since, manager: isManager, parts, contacts } = this.#options
    const { labels = [] } = this.#options
    const { peers, sessions, prober, health, departures, evictions, corrections, detection, joinOrder } =
      this.#others
    const env = this.#env
    const tell = (event: NodeEvent): void => this.#tell(event)
    return new OwnNode({
      env,
      nodeId: this.#options.nodeId,
      joined: {
        ...{ bootId: this.bootId, roles: [...roles], slots, host, pid, version, since },
        configuration: termsOf(version, env.timings).configuration,
        ...(contacts === undefined ? {} : { contacts }),
        ...(labels.length === 0 ? {} : { labels: [...labels] }),
      },
      parts: new PartKeeper(env, parts),
      door: new GenerationDoor({
        env,
        sessions,
        detection,
        departures,
        evictions,
        isManager,
        state: () => this.#view.state,
        leave: (reason) => tell({ type: 'node.leave', reason }),
      }),
      peers,
      sessions,
      prober,
      joinOrder,
      corrections,
      health,
      otherSettings: this.#options.otherSettings ?? false,
      caughtUp: this.#caughtUp.promise,
      hold: (self) => this.#view.hold(self),
      tell,
    })
  }
}
