import type { Environment, Notice } from '@covey/actors'
import { createActorSystem } from '@covey/engine'
import { commandsMessage, createSubjects, type Role, singleServerTimings } from '@covey/protocol'
import { type Links, seededRandom } from '@covey/transport'
import type { Client, RunningNode } from 'covey'
import { assembleNode } from 'covey/assembly'
import { ClientWorld } from '../covey/client-world.js'
import { double } from '../covey/cluster-world.js'

/** A manager, a worker and a client that watches everything, beside a process that says what it likes. */
export class FuzzedCluster extends ClientWorld {
  readonly subjects = createSubjects(this.cluster)
  readonly notices: Notice[] = []
  readonly attacker: Links = this.open('attacker')
  readonly #nodes: RunningNode[] = []
  readonly #stops: (() => void)[] = []
  /** Where pushes and states for the client arrive, as everybody on the bus can hear. */
  readonly heard = new Set<string>()
  #user: Client | undefined

  get user(): Client {
    if (this.#user === undefined) throw new Error('the cluster has not been formed')
    return this.#user
  }

  /** Starts everything and runs until it works. */
  async form(): Promise<void> {
    this.#overhear()
    this.#start('manager', ['manager'], 1)
    this.#start('worker', ['worker'], 2)
    this.#user = await this.client({ notice: (notice) => this.notices.push(notice) })
    await this.during(Promise.all(this.#nodes.map(({ ready }) => ready)))
    const [transitions, progress] = [
      this.user.transitions().subscribe(),
      this.user.progress('job').subscribe(),
    ]
    this.#stops.push(
      () => transitions.unsubscribe(),
      () => progress.unsubscribe(),
    )
    await this.works('begin')
    await this.pass(1_000)
  }

  /** Runs a job to its exact result. */
  async works(id: string): Promise<void> {
    const job = await this.during(this.user.submit(double, 21, { id }))
    const result = await this.during(job.result())
    if (result !== 42) throw new Error(`the job ${id} ended with ${JSON.stringify(result)}`)
  }

  /** Frames refused at each subject so far. */
  refused(): Map<string, number> {
    const counts = new Map<string, number>()
    for (const notice of this.notices)
      if (notice.kind === 'frame.refused') counts.set(notice.subject, (counts.get(notice.subject) ?? 0) + 1)
    return counts
  }

  get defects(): Notice[] {
    return this.notices.filter(({ kind }) => kind === 'defect')
  }

  override async close(): Promise<void> {
    for (const stop of this.#stops) stop()
    await this.during(Promise.all(this.#nodes.map((node) => node.close())))
    await super.close()
  }

  #overhear(): void {
    const { control } = this.attacker
    this.#stops.push(
      control.subscribe(this.subjects.command(0), ({ data }) => {
        const [command] = commandsOf(data)
        if (command !== undefined && 'notify' in command && command.notify !== undefined)
          this.heard.add(command.notify)
      }),
    )
    for (const node of ['manager', 'worker'])
      this.#stops.push(
        control.subscribe(this.subjects.channel(node, 1, 'watch'), ({ reply }) => {
          if (reply !== undefined) this.heard.add(reply)
        }),
      )
  }

  #start(name: string, roles: readonly Role[], seed: number): void {
    const env: Environment = {
      system: createActorSystem({
        node: name,
        clock: this.clock,
        onActorError: ({ address, error }) => this.notices.push({ kind: 'defect', what: address, error }),
      }),
      links: this.open(name),
      subjects: this.subjects,
      clock: this.clock,
      random: seededRandom(seed),
      timings: singleServerTimings,
      notice: (notice) => this.notices.push(notice),
    }
    const slots = roles.includes('worker') ? 4 : 0
    const about = { host: 'here', pid: 1, version: '0.1.0', since: '2026-01-01T00:00:00.000Z' }
    const node = assembleNode(env, { nodeId: name, roles, slots, workflows: [double], ...about })
    node.channel('chat', () => undefined)
    this.#nodes.push(node)
  }
}

const commandsOf = (data: Uint8Array) => {
  try {
    return commandsMessage.decode(data).commands
  } catch {
    return []
  }
}
