import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { GoodbyeReason } from '@covey/protocol'
import { eventually } from '../transport/transport-world.js'

interface Told {
  readonly sees?: Readonly<Record<string, string>>
  readonly dials?: number
}

/** A node in a process of its own, as it has told of itself last. */
class RealMember {
  sees: Readonly<Record<string, string>> = {}
  dials = 0
  readonly #child: ChildProcess
  readonly #exited: Promise<unknown>

  constructor(child: ChildProcess) {
    this.#child = child
    this.#exited = once(child, 'exit')
    child.on('message', ({ sees = this.sees, dials = this.dials }: Told) =>
      Object.assign(this, { sees, dials }),
    )
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
      const child = fork(path, [this.#url(), this.#cluster, name], { execArgv: [], env: {} })
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
