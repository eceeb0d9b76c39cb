import { isSick, judgeDeparture } from '@covey/machines'
import {
  type DepartedFact,
  departedFact,
  type ExitedMessage,
  limits,
  type OrderAnswer,
} from '@covey/protocol'
import type { CreateOutcome } from '@covey/transport'
import type { Environment, Self } from '../environment.js'
import type { OwnHealth } from './own-health.js'
import type { Peers } from './peers.js'
import { probe, type Target } from './probe.js'
import { findRun, type Run } from './runs.js'
import type { Silence } from './silence.js'
import { statementPeriods, type Voting } from './voting.js'

interface DepartureGroundwork {
  readonly env: Environment
  readonly peers: Peers
  readonly silence: Silence
  readonly voting: Voting
  readonly health: OwnHealth
  voter(): Self | undefined
}

/** That a generation is given up, until the voters have answered; its run is the proposer's. */
interface Proposal {
  readonly self: Self
  readonly subject: Target
  readonly askedAtMs: number
}

/** What a manager does about members that are gone: the only writer of other nodes' departed facts. */
export class Departures {
  readonly #ground: DepartureGroundwork
  /** By whom they are about. */
  readonly #open = new Map<string, Proposal>()

  constructor(ground: DepartureGroundwork) {
    this.#ground = ground
  }

  /** Asks the voters once more and writes the fact if enough of them stand by it (K13, K32). One proposal a peer at a time. */
  propose(subject: Target): void {
    const { env, voter, health } = this.#ground
    const self = voter()
    if (self === undefined || isSick(health.value) || this.#open.has(subject.nodeId)) return
    const proposal = { self, subject, askedAtMs: env.clock.now() }
    this.#open.set(subject.nodeId, proposal)
    this.#decide(proposal)
      .catch((error: unknown) =>
        env.notice({ kind: 'defect', what: `departure of ${subject.nodeId}`, error }),
      )
      .finally(() => {
        if (this.#isOpen(proposal)) this.#open.delete(subject.nodeId)
      })
  }

  /**
   * This process has slept: who was asked before may be gone since, and the clock of a suspended machine does not show it
   * (K29). What still holds is proposed again.
   */
  withdraw(): void {
    this.#open.clear()
  }

  /**
   * A launcher's word that its child has exited: certain, so it is written without votes (K49). It ends the run that it
   * names by pid and boot id, and no later one: a child that was started again may have joined already.
   */
  async exited(news: ExitedMessage): Promise<OrderAnswer> {
    const { env, voter } = this.#ground
    const { node, pid, how } = news
    const refuse = (code: 'not_found' | 'unavailable', message: string): OrderAnswer => ({
      error: { code, message, address: node },
    })
    const self = voter()
    if (self === undefined) return refuse('unavailable', 'this manager does not take part')
    let run: Run | undefined
    try {
      run = this.#seenRun(news) ?? (await findRun(env, news))
    } catch (error) {
      return refuse('unavailable', `the facts of ${node} cannot be read: ${String(error)}`)
    }
    if (run === undefined) return refuse('not_found', `no run of ${node} has pid ${pid}`)
    const { generation } = run
    if (run.hasEnded) return { generation }
    const outcome = await this.#write(
      { nodeId: node, generation },
      { kind: 'exited', by: self.nodeId, reason: how },
    )
    if (outcome.kind === 'created' || outcome.kind === 'exists') return { generation }
    const reason = outcome.kind === 'full' ? 'the store is full' : outcome.reason
    return refuse('unavailable', `the end of ${node} is not written: ${reason}`)
  }

  /** The newest generation as it is seen here, where it is of the run that is named. */
  #seenRun({ node, pid, bootId }: ExitedMessage): Run | undefined {
    const view = this.#ground.peers.view(node)
    if (view === undefined || view.peer.pid !== pid || view.peer.bootId !== bootId) return undefined
    return { generation: view.peer.generation, hasEnded: view.state === 'departed' }
  }

  #isOpen(proposal: Proposal): boolean {
    return this.#open.get(proposal.subject.nodeId) === proposal
  }

  async #decide(proposal: Proposal): Promise<void> {
    const { env, silence, peers } = this.#ground
    const { self, subject } = proposal
    const votes = await this.#askVoters(self, subject)
    if (!this.#mayCount(proposal)) return
    const view = peers.view(subject.nodeId)
    // While they were asked it may have answered, left, or come back under a new generation.
    if (view?.state !== 'suspect' || view.peer.generation !== subject.generation) return
    const { workerLeaseMs, linkSettleMs } = env.timings
    const electorate = [self.nodeId, ...this.#answering()]
    const verdict = judgeDeparture({
      electorate,
      votes,
      silentMs: env.clock.now() - view.heardAtMs,
      linkUpMs: silence.linkUpMs,
      workerLeaseMs,
      linkSettleMs,
    })
    if (!verdict.departs) return
    const evidence = { quorum: verdict.quorum, electorate, votes: [...verdict.votes] }
    const outcome = await this.#write(subject, { kind: 'crashed', by: self.nodeId, evidence })
    // Not written is not forgotten: the suspicion stays and is proposed again.
    if (outcome.kind === 'unavailable') {
      env.notice({ kind: 'store.waiting', what: `the end of ${subject.nodeId}`, reason: outcome.reason })
    }
  }

  /**
   * Whether answers to what was asked then still count: this process may have slept meanwhile, or take part no more. An
   * answer holds as long as a statement does, two probe periods (K32).
   */
  #mayCount(proposal: Proposal): boolean {
    const { env, voter } = this.#ground
    const { self, askedAtMs } = proposal
    const heldMs = statementPeriods * env.timings.probeIntervalMs
    const isSame = voter()?.generation === self.generation
    return isSame && this.#isOpen(proposal) && env.clock.now() - askedAtMs <= heldMs
  }

  /** Those who say now that they suspect the subject, this node included. */
  async #askVoters(self: Self, subject: Target): Promise<string[]> {
    const { env, silence, voting, peers } = this.#ground
    const voters = voting.votersOf(subject).slice(0, limits.votesPerMemberMax - 1)
    const answers = await Promise.all(
      voters.map(async (nodeId) => {
        const generation = peers.view(nodeId)?.peer.generation ?? 0
        const outcome = await probe(env, self, { nodeId, generation }, { about: subject })
        if (outcome.kind !== 'answered') return []
        // In a large cluster its turn to be asked may be minutes ago: with this answer it is of the electorate.
        const { suspected, state, health, lagMs = 0 } = outcome.answer
        peers.tellAnswered({ nodeId, generation }, lagMs)
        return suspected === true && state === 'active' && !isSick(health) ? [nodeId] : []
      }),
    )
    return [...(silence.isEvidence(subject) ? [self.nodeId] : []), ...answers.flat()]
  }

  /** Peers that are not suspect and answered a probe within two leases. */
  #answering(): string[] {
    const { env, peers } = this.#ground
    const sinceMs = env.clock.now() - 2 * env.timings.workerLeaseMs
    return peers
      .views()
      .filter(({ state, answeredAtMs }) => state === 'active' && answeredAtMs >= sinceMs)
      .map(({ peer }) => peer.nodeId)
  }

  #write({ nodeId, generation }: Target, body: DepartedFact): Promise<CreateOutcome> {
    const { links, subjects } = this.#ground.env
    return links.facts.create(subjects.fact(nodeId, generation, 'departed'), departedFact.encode(body))
  }
}
