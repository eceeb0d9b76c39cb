import type { LeadershipContext } from '@covey/machines'
import { packValue } from '@covey/protocol'
import type { Links } from '@covey/transport'
import { standIn } from '../harness/stand-in.js'
import { Executions } from '../scenario/executions.js'
import { RunningWorker } from './running-worker.js'
import type { ScriptedClient } from './scripted-client.js'
import { ShardScene } from './shard-scene.js'
import type { ShardWorld } from './shard-world.js'

/** Managers that can write, and that do not hear what is said to them or are not heard, and workers that run. */
export class HearingScene {
  readonly scene = new ShardScene()
  readonly world: ShardWorld = this.scene.world
  readonly client: ScriptedClient = this.scene.client
  readonly ran = new Executions()
  /** To whom nothing comes that is said to a shard; all else does. */
  readonly deaf = new Set<string>()
  /** Of whom nothing comes that is said to workers and clients; all else does. */
  readonly mute = new Set<string>()
  readonly #workers: RunningWorker[] = []

  constructor() {
    this.world.stranger.speaks = false
  }

  start(shards: number, ...names: string[]): void {
    this.world.shards = shards
    for (const name of names) this.world.manager(name, shards, (links) => this.#between(name, links))
  }

  worker(name: string): RunningWorker {
    const started = new RunningWorker(this.world, this.ran, name, 1, (links) => links)
    this.#workers.push(started)
    return started
  }

  leads(name: string): readonly number[] {
    return this.world.find(name).part.leads()
  }

  /** The epochs of all shards, as a manager has folded them. */
  epochs(name: string): readonly number[] {
    return this.world
      .find(name)
      .part.read()
      .map(({ epoch }) => epoch)
  }

  /** That of shard 0. */
  epoch(name = 'm1'): number {
    return this.epochs(name)[0] ?? 0
  }

  /** What a manager remembers of terms of shard 0 that it has given up. */
  silence(name: string): Pick<LeadershipContext, 'silentTerms' | 'unheardTerms'> {
    const now = this.world.find(name).env.system.snapshot('leadership.0')
    const { context } = now as { context?: LeadershipContext }
    if (context === undefined) throw new Error(`${name} does not follow shard 0`)
    const { silentTerms, unheardTerms } = context
    return { silentTerms, unheardTerms }
  }

  /** What the leader answers. */
  async submit(job: string, ms = 40): Promise<string> {
    const input = packValue({ ms, fails: false })
    const submitted = this.client.submit(job, [{ step: 'main', name: 'work', after: [], input }])
    return (await this.scene.settled(submitted))?.type ?? 'silence'
  }

  /** Submits a job and waits until it has run. */
  async runs(job: string): Promise<string> {
    const answer = await this.submit(job)
    await this.world.until(`the end of ${job}`, () =>
      this.ran.of(`${job}/main`).some(({ endMs }) => endMs !== undefined),
    )
    return answer
  }

  /** How long it takes until something holds. */
  async passedMs(what: string, holds: () => boolean): Promise<number> {
    const fromMs = this.world.clock.now()
    await this.world.until(what, holds)
    return this.world.clock.now() - fromMs
  }

  async close(): Promise<void> {
    for (const worker of this.#workers) await worker.close()
    await this.scene.close()
  }

  #between(name: string, links: Links): Links {
    const { control } = links
    const troubled = standIn(control, {
      subscribe: (subject, callback) =>
        control.subscribe(subject, (message) => {
          if (!this.deaf.has(name) || !subject.endsWith('.command')) callback(message)
        }),
      publish: (subject, ...rest) =>
        (this.mute.has(name) && !subject.endsWith('.command')) || control.publish(subject, ...rest),
    })
    return standIn(links, { control: troubled })
  }
}
