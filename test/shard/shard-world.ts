import {
  createManagerPart,
  defaultKeeping,
  defaultLoad,
  type Environment,
  type LoadTerms,
  type ManagerPart,
} from '@covey/actors'
import { createActorSystem, HeapClock } from '@covey/engine'
import { createSubjects, singleServerTimings } from '@covey/protocol'
import { SimulatedClock } from '@covey/simulator'
import {
  createMemoryBroker,
  type Links,
  type MemoryBroker,
  type MemoryFaults,
  seededRandom,
} from '@covey/transport'
import { standIn } from '../harness/stand-in.js'
import { StatedMembers } from './stated-members.js'
import { stranger, withSteadyStranger } from './steady-stranger.js'

/** A manager that a test can stop and crash. */
export interface TestManager {
  /** Its own timers: frozen and thawed apart from what the network brings. */
  readonly clock: SimulatedClock
  readonly part: ManagerPart
  readonly links: Links
  readonly env: Environment
  /** What was noticed, by kind and text. */
  readonly notices: string[]
}

/** Managers of one shard on memory adapters under a virtual clock. */
export class ShardWorld {
  readonly clock = new HeapClock()
  readonly members = new StatedMembers()
  readonly subjects = createSubjects('test')
  readonly broker: MemoryBroker
  /** What managers meet at the outbox: they are told of its facts late, or it does not answer what they ask. */
  readonly outbox = { toldAfterMs: 0, isSilent: false }
  /** Whether managers hear the renewals of one who is none of the test's, so that they know that they are heard (K41). */
  readonly stranger = { speaks: true }
  /** Shards of the cluster, as workers that run know it. */
  shards = 1
  /** What managers keep that are started from now on. */
  keeping = defaultKeeping
  load: LoadTerms = defaultLoad
  readonly #seed: number
  readonly #managers = new Map<string, TestManager>()

  constructor(seed = 1, faults: Partial<MemoryFaults> = {}) {
    this.#seed = seed
    this.members.end(stranger.worker, 'left', stranger.generation)
    const latencies = { latencyMinMs: 0.1, latencyMaxMs: 0.5 }
    this.broker = createMemoryBroker({
      clock: this.clock,
      random: seededRandom(seed),
      cluster: 'test',
      faults: { ...latencies, ...faults },
    })
  }

  /** Starts a manager of the shards 0 to `shards - 1`; what it meets at the broker may be changed on the way. */
  manager(name: string, shards = 1, changed: (links: Links) => Links = (links) => links): TestManager {
    const clock = new SimulatedClock(this.clock)
    const links = this.broker.open(name)
    const notices: string[] = []
    const system = createActorSystem({
      node: name,
      clock,
      onActorError: ({ address, error }) => {
        throw new Error(`actor ${address} of ${name} failed`, { cause: error })
      },
    })
    const env: Environment = {
      system,
      links: changed(withSteadyStranger(withUnkindOutbox(links, clock, this.outbox), clock, this.stranger)),
      subjects: this.subjects,
      clock,
      random: seededRandom(this.#seed + name.length * 7919 + name.charCodeAt(name.length - 1)),
      timings: singleServerTimings,
      notice: ({ kind, ...about }) => {
        const why = 'error' in about ? ` ${String(about.error)}` : ''
        notices.push(`${kind} ${JSON.stringify(about)}${why}`)
      },
    }
    this.members.join(name, 'manager')
    const { keeping, load } = this
    const part = createManagerPart(env, { shards, members: () => this.members, keeping, load })
    part.open({ nodeId: name, generation: 1, bootId: `${name}-boot-0123456789abcdef` })
    part.activate()
    const manager = { clock, part, links, env, notices }
    this.#managers.set(name, manager)
    return manager
  }

  /** Ends a manager without a word, as kill -9 does. */
  crash(name: string): void {
    const manager = this.#managers.get(name)
    this.broker.kill(name)
    manager?.part.close()
    manager?.env.system.stopAll()
    this.#managers.delete(name)
  }

  find(name: string): TestManager {
    const manager = this.#managers.get(name)
    if (!manager) throw new Error(`no manager ${name}`)
    return manager
  }

  /** Whether a manager has been started and not been ended. */
  has(name: string): boolean {
    return this.#managers.has(name)
  }

  /** SIGSTOP of a manager. */
  freeze(name: string): void {
    this.broker.freeze(name)
    this.#managers.get(name)?.clock.freeze()
  }

  /** SIGCONT: what the network brought is told before overdue timers ring. */
  thaw(name: string): void {
    this.broker.thaw(name)
    this.#managers.get(name)?.clock.thaw()
  }

  /** Drains a manager, as a leaving node does. */
  drain(name: string): Promise<{ readonly clean: boolean }> {
    return this.find(name).part.drain(singleServerTimings.leaveDeadlineMs)
  }

  /** Names of the managers that lead now. */
  leaders(): string[] {
    return [...this.#managers].filter(([, { part }]) => part.leads().length > 0).map(([name]) => name)
  }

  /** Lets virtual time pass, one due time after the other, with everything that promises do in between. */
  async run(durationMs: number): Promise<void> {
    const endMs = this.clock.now() + durationMs
    await turn()
    for (let next = this.clock.next(); next !== undefined && next <= endMs; next = this.clock.next()) {
      this.clock.runUntil(next)
      await turn()
    }
    this.clock.runUntil(endMs)
    await turn()
  }

  /** Lets time pass until something holds; throws when it does not within `limitMs` of virtual time. */
  async until(what: string, holds: () => boolean, limitMs = 20_000): Promise<void> {
    const endMs = this.clock.now() + limitMs
    await turn()
    while (!holds()) {
      const next = this.clock.next()
      if (next === undefined || next > endMs) throw new Error(`not within ${limitMs} ms: ${what}`)
      this.clock.runUntil(next)
      await turn()
    }
  }

  /** Closes links: virtual time goes on until they are drained. */
  async closeLinks(...links: Links[]): Promise<void> {
    let open = links.length
    const closing = links.map((link) => link.close().finally(() => (open -= 1)))
    await this.until('closed links', () => open === 0)
    await Promise.all(closing)
  }

  async close(): Promise<void> {
    for (const { part, env, links } of this.#managers.values()) {
      part.close()
      env.system.stopAll()
      await this.closeLinks(links)
    }
    this.#managers.clear()
  }
}

function withUnkindOutbox(links: Links, clock: SimulatedClock, unkind: ShardWorld['outbox']): Links {
  const { outbox } = links
  const unkindOutbox = standIn(outbox, {
    read: (subject) =>
      unkind.isSilent
        ? Promise.resolve({ kind: 'unavailable', reason: 'silent' } as const)
        : outbox.read(subject),
    watch(pattern, watcher) {
      let isOver = false
      const later = (tell: () => void): unknown =>
        unkind.toldAfterMs === 0
          ? tell()
          : clock.setTimeout(() => {
              if (!isOver) tell()
            }, unkind.toldAfterMs)
      const stop = outbox.watch(pattern, {
        onFact: (fact) => later(() => watcher.onFact(fact)),
        onCaughtUp: () => later(() => watcher.onCaughtUp?.()),
      })
      return () => {
        isOver = true
        stop()
      }
    },
  })
  return standIn(links, { outbox: unkindOutbox })
}

const turn = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve)
  })
