import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { GoodbyeReason } from '@covey/protocol'
import { eventually } from '../transport/transport-world.js'

/** What a process has told of itself last. */
interface Told {
  readonly sees: Readonly<Record<string, string>>
  readonly generations: Readonly<Record<string, number>>
  /** The state of the session with each peer, and how often any was dialled. */
  readonly sessions: Readonly<Record<string, string>>
  readonly dials: number
  /** Lines of its log. */
  readonly lines: number
  /** Who has said hello last. */
  readonly greetedBy: string
  readonly visits: number
  readonly counts: { readonly files: number; readonly sockets: number }
  readonly heapBytes: number
  readonly cpuMs: number
}

const nothingTold: Told = {
  ...{ sees: {}, generations: {}, sessions: {}, dials: 0, lines: 0, greetedBy: '', visits: 0 },
  ...{ counts: { files: 0, sockets: 0 }, heapBytes: 0, cpuMs: 0 },
}

/** A node in a process of its own. */
class RealMember {
  told: Told = nothingTold
  readonly #child: ChildProcess
  readonly #exited: Promise<unknown>

  constructor(child: ChildProcess) {
    this.#child = child
    this.#exited = once(child, 'exit')
    child.on('message', (told: Partial<Told>) => {
      this.told = { ...this.told, ...told }
    })
  }

  get sees(): Told['sees'] {
    return this.told.sees
  }

  get dials(): number {
    return this.told.dials
  }

  /** Says hello to another. */
  hello(to: string): void {
    this.#child.send({ hello: to })
  }

  /** Lets a guest in its process join, say hello to somebody, and leave, so many times. */
  visit(to: string, times: number): void {
    this.#child.send({ visit: { to, times } })
  }

  /** What it holds now, after its garbage was collected. */
  async count(): Promise<Pick<Told, 'counts' | 'heapBytes' | 'cpuMs'>> {
    this.told = { ...this.told, cpuMs: 0 }
    this.#child.send({ count: true })
    await eventually('it has counted', () => this.told.cpuMs > 0)
    return this.told
  }

  leave(reason: GoodbyeReason): void {
    this.#child.send({ leave: reason })
  }

  async exited(): Promise<void> {
    await this.#exited
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#exited
  }
}

/** Nodes of one cluster on a real broker, each a process. */
export class RealCluster {
  readonly #url: () => string
  readonly #cluster: string
  readonly #members = new Map<string, RealMember>()

  constructor(url: () => string, cluster: string) {
    this.#url = url
    this.#cluster = cluster
  }

  start(...names: string[]): void {
    for (const name of names) {
      const path = fileURLToPath(new URL('./real-member.mjs', import.meta.url))
      // The parent runs on sources by flags of its own; its children run what has been built.
      const child = fork(path, [this.#url(), this.#cluster, name], { execArgv: ['--expose-gc'], env: {} })
      this.#members.set(name, new RealMember(child))
    }
  }

  member(name: string): RealMember {
    const member = this.#members.get(name)
    if (member === undefined) throw new Error(`no process was started for ${name}`)
    return member
  }

  /** All of these see each other active. */
  knows(names: readonly string[], withinMs: number): Promise<unknown> {
    const isKnown = (name: string): boolean =>
      names.every((other) => this.member(name).sees[other] === 'active')
    return eventually(`${names} know each other`, () => names.every(isKnown), withinMs)
  }

  /** Whether an observer sees none of these any more. */
  misses(observer: string, names: readonly string[]): boolean {
    return names.every((name) => this.member(observer).sees[name] === 'departed')
  }

  lost(observers: readonly string[], names: readonly string[], withinMs: number): Promise<unknown> {
    const isLost = (): boolean => observers.every((observer) => this.misses(observer, names))
    return eventually(`${observers} miss ${names}`, isLost, withinMs)
  }

  async close(): Promise<void> {
    await Promise.all([...this.#members.values()].map((member) => member.kill()))
  }
}
