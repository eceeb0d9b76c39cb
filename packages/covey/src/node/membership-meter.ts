import { Buckets, type Environment, type MemberNews, type MemberState } from '@covey/actors'
import type { MembershipCounts } from '@covey/metrics'
import { type EndKind, gossipMessage, parseSubject } from '@covey/protocol'
import type { Bus, BusMessage, Clock, Links, RequestOutcome } from '@covey/transport'

type Counted = { -readonly [Name in keyof MembershipCounts]: MembershipCounts[Name] }

/** Milliseconds: a machine, a site, a continent, a probe that was repeated. */
const probeBoundsMs = [0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500]
const noDepartures: Readonly<Record<EndKind, number>> = {
  ...{ left: 0, exited: 0, crashed: 0, evicted: 0, superseded: 0 },
}

/**
 * Counts what the membership of a node says and hears. It stands between membership and its bus, so that the other
 * parts of a node, and nodes that nobody measures, pay nothing.
 */
export class MembershipMeter {
  readonly #cluster: string
  readonly #clock: Clock
  readonly #suspects = new Set<string>()
  readonly #counts: Counted = {
    ...{ suspicions: 0, suspicionsEnded: 0, refutations: 0, votes: 0, departures: { ...noDepartures } },
    ...{ probeMs: new Buckets(probeBoundsMs), probesUnanswered: 0 },
    ...{ sentBytes: 0, receivedBytes: 0, dials: 0, backoffs: 0 },
  }
  /** Which of its words the others have last been told. */
  #refuted = ''

  constructor({ subjects, clock }: Environment) {
    this.#cluster = subjects.cluster
    this.#clock = clock
  }

  read(): MembershipCounts {
    return this.#counts
  }

  /** The environment in which membership is measured, and nothing else. */
  of(env: Environment): Environment {
    return { ...env, links: this.#links(env.links) }
  }

  /** News of members, as membership tells them. */
  note(news: MemberNews): void {
    if (news.kind === 'ended') {
      const { nodeId, generation, how } = news.ending
      this.#suspects.delete(`${nodeId}.${generation}`)
      this.#counts.departures = {
        ...this.#counts.departures,
        [how]: this.#counts.departures[how] + 1,
      }
      return
    }
    const { nodeId, generation, state } = news.member
    this.#see(`${nodeId}.${generation}`, state)
  }

  #links(links: Links): Links {
    return {
      ...{ broker: links.broker, data: links.data, pulse: links.pulse },
      presence: links.presence,
      ...{ facts: links.facts, outbox: links.outbox, objects: links.objects },
      control: this.#bus(links.control),
      log: (shard) => links.log(shard),
      close: () => links.close(),
    }
  }

  #see(generation: string, state: MemberState): void {
    if (state === 'suspect') {
      if (this.#suspects.has(generation)) return
      this.#suspects.add(generation)
      this.#counts.suspicions += 1
    } else if (this.#suspects.delete(generation) && (state === 'active' || state === 'leaving')) {
      this.#counts.suspicionsEnded += 1
    }
  }

  #bus(bus: Bus): Bus {
    return {
      get state() {
        return bus.state
      },
      get stateSinceMs() {
        return bus.stateSinceMs
      },
      publish: (subject, data, reply) => {
        const isSent = bus.publish(subject, data, reply)
        if (isSent) this.#said(subject, data)
        return isSent
      },
      subscribe: (subject, callback) =>
        bus.subscribe(subject, (message) => {
          this.#heard(message)
          callback(message)
        }),
      request: (subject, data, deadlineMs) => this.#request(bus, subject, data, deadlineMs),
      inbox: () => bus.inbox(),
      flush: () => bus.flush(),
      onNews: (listener) => bus.onNews(listener),
      drain: () => bus.drain(),
    }
  }

  #heard({ subject, data }: Pick<BusMessage, 'subject' | 'data'>): void {
    this.#counts.receivedBytes += subject.length + data.length
  }

  #said(subject: string, data: Uint8Array): void {
    this.#counts.sentBytes += subject.length + data.length
    const parsed = parseSubject(this.#cluster, subject)
    if (parsed?.kind !== 'news') return
    if (parsed.news === 'vote') this.#counts.votes += 1
    if (parsed.news === 'gossip') this.#spoke(data)
  }

  /** A sign of life under an incarnation that suspicion has made it take, the first time. */
  #spoke(data: Uint8Array): void {
    const { generation, incarnation } = gossipMessage.decode(data)
    const word = `${generation}.${incarnation}`
    if (incarnation > 0 && word !== this.#refuted) this.#counts.refutations += 1
    this.#refuted = word
  }

  async #request(bus: Bus, subject: string, data: Uint8Array, deadlineMs: number): Promise<RequestOutcome> {
    const askedAtMs = this.#clock.now()
    const outcome = await bus.request(subject, data, deadlineMs)
    if (outcome.kind === 'overloaded') return outcome
    this.#said(subject, data)
    const isAnswered = outcome.kind === 'reply'
    if (isAnswered) this.#heard({ subject: '', data: outcome.data })
    const parsed = parseSubject(this.#cluster, subject)
    const operation = parsed?.kind === 'node' ? parsed.operation : undefined
    if (operation === 'probe') {
      if (isAnswered) this.#counts.probeMs.add(this.#clock.now() - askedAtMs)
      else this.#counts.probesUnanswered += 1
    } else if (operation === 'session') {
      this.#counts.dials += 1
      if (!isAnswered) this.#counts.backoffs += 1
    }
    return outcome
  }
}
