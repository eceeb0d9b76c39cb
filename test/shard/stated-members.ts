import type { Ending, Member, MemberNews, Members } from '@covey/actors'

/** Members that a test states by hand, the same for every manager. */
export class StatedMembers implements Members {
  readonly caughtUp = true
  /** The labels of those that join from now on. */
  labels: readonly string[] = []
  readonly #members = new Map<string, Member>()
  readonly #endings = new Map<string, Ending>()
  readonly #listeners = new Set<(news: MemberNews) => void>()

  all(): readonly Member[] {
    return [...this.#members.values()]
  }

  find(nodeId: string): Member | undefined {
    return this.#members.get(nodeId)
  }

  endOf(nodeId: string, generation: number): Ending | undefined {
    return this.#endings.get(`${nodeId}.${generation}`)
  }

  onNews(listener: (news: MemberNews) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Whom somebody has asked out of turn. */
  readonly asked: string[] = []
  ask(nodeId: string): void {
    this.asked.push(nodeId)
  }

  join(nodeId: string, role: 'manager' | 'worker', generation = 1): void {
    const member: Member = {
      nodeId,
      generation,
      state: 'active',
      roles: [role],
      slots: 4,
      host: 'test',
      pid: 1,
      since: '',
      labels: this.labels,
    }
    this.#members.set(nodeId, member)
    this.#tell({ kind: 'changed', member })
  }

  /** A failed probe: suspicion, nothing more. */
  suspect(nodeId: string): void {
    const known = this.#members.get(nodeId)
    if (!known) throw new Error(`no member ${nodeId}`)
    const member: Member = { ...known, state: 'suspect' }
    this.#members.set(nodeId, member)
    this.#tell({ kind: 'changed', member })
  }

  /** The broker says that nobody listens there. */
  offline(nodeId: string): void {
    const known = this.#members.get(nodeId)
    if (!known) throw new Error(`no member ${nodeId}`)
    const member: Member = { ...known, state: 'suspect', offline: true }
    this.#members.set(nodeId, member)
    this.#tell({ kind: 'changed', member })
  }

  /** Its event loop does not turn, or turns again. */
  busy(nodeId: string, isBusy: boolean): void {
    const known = this.#members.get(nodeId)
    if (!known) throw new Error(`no member ${nodeId}`)
    const { busy: _, ...rest } = known
    const member: Member = { ...rest, ...(isBusy && { busy: true }) }
    this.#members.set(nodeId, member)
    this.#tell({ kind: 'changed', member })
  }

  end(nodeId: string, how: Ending['how'], generation = 1, dirty = false): void {
    const ending = { nodeId, generation, how, dirty }
    this.#endings.set(`${nodeId}.${generation}`, ending)
    const member = this.#members.get(nodeId)
    if (member?.generation === generation) this.#members.set(nodeId, { ...member, state: 'departed' })
    this.#tell({ kind: 'ended', ending })
  }

  /** A fact that has not been read here, although others have. */
  forgetEnd(nodeId: string, generation = 1): void {
    this.#endings.delete(`${nodeId}.${generation}`)
  }

  #tell(news: MemberNews): void {
    for (const listener of this.#listeners) listener(news)
  }
}
