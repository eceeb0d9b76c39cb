import { type Answer, packValue, type Step } from '@covey/protocol'
import { Chance } from '@covey/simulator'
import { type Clock, type Links, type Random, seededRandom } from '@covey/transport'
import { Executions } from '../scenario/executions.js'
import { RunningWorker } from './running-worker.js'
import { ScriptedClient } from './scripted-client.js'
import { ShardWorld } from './shard-world.js'
import { type Unkindness, withUnkindBus } from './unkind-bus.js'

const kind: Unkindness = { lost: 0, doubled: 0, late: 0, lateMsMax: 4_000 }

/**
 * One shard and real workers while words between them are lost, doubled, late and reordered, and whoever leads or works
 * is killed, stopped, sent away or wrongly called ended. The seed decides.
 */
export class WordStorm {
  readonly world: ShardWorld
  readonly ran = new Executions()
  readonly jobs = new Map<string, Step[]>()
  /** What went wrong and when, to be read beside a failed test. */
  readonly story: string[] = []
  readonly #client: ScriptedClient
  readonly #chance: Chance
  readonly #unkindness: Unkindness = { ...kind }
  readonly #workers = new Map<string, RunningWorker>()
  readonly #gone: RunningWorker[] = []
  #managers = 0

  constructor(seed: number) {
    this.world = new ShardWorld(seed, { lostAcknowledgement: 0.05 })
    this.#client = new ScriptedClient(this.world)
    this.#chance = new Chance(seed * 7_919 + 3)
    for (let count = 0; count < 3; count += 1) this.#manager()
    for (const name of ['w1', 'w2', 'w3']) this.#worker(name, 1)
  }

  /** Lets jobs come and things go wrong for some time, then heals everything. */
  async rage(durationMs: number): Promise<void> {
    Object.assign(this.#unkindness, { lost: 0.05, doubled: 0.1, late: 0.1 })
    const endMs = this.world.clock.now() + durationMs
    while (this.world.clock.now() < endMs) {
      this.#submit()
      if (this.#chance.hits(0.3)) this.#cancel()
      this.#strike()
      await this.world.run(this.#chance.between(200, 1_500))
    }
    Object.assign(this.#unkindness, kind)
    this.world.broker.faults.lostAcknowledgement = 0
    await this.world.run(15_000)
  }

  /** Asks until every job has ended; answers the states of all workflows. */
  async settle(withinMs: number): Promise<Map<string, string>> {
    const endMs = this.world.clock.now() + withinMs
    const states = new Map<string, string>()
    const open = new Map(this.jobs)
    while (open.size > 0) {
      for (const [job, steps] of open) {
        const answer = await this.#ask(job, steps)
        if (answer?.type !== 'job' || answer.ended < steps.length) continue
        open.delete(job)
        for (const { id, state } of answer.workflows) states.set(id, state)
      }
      if (this.world.clock.now() > endMs) throw new Error(`not ended: ${[...open.keys()]}`)
    }
    return states
  }

  /** Ends the leader, so that the next one says what it has folded. */
  async changeLeader(): Promise<void> {
    const [leader] = this.world.leaders()
    if (leader !== undefined) this.#crash(leader)
    await this.world.until('the next leader', () => this.world.leaders().some((name) => name !== leader))
  }

  async close(): Promise<void> {
    for (const worker of [...this.#workers.values(), ...this.#gone]) await worker.close()
    await this.world.closeLinks(this.#client.links)
    await this.world.close()
  }

  /** Submits what may not have arrived, and asks what has become of it. */
  async #ask(job: string, steps: Step[]): Promise<Answer | undefined> {
    const asked: { answer?: Answer | undefined } = {}
    const ask = async (): Promise<void> => {
      await this.#client.submit(job, steps)
      asked.answer = await this.#client.command({ type: 'job.get', job, after: 0 })
    }
    const given = ask()
    await this.world.until('an answer', () => 'answer' in asked, 10_000)
    await given
    return asked.answer
  }

  #submit(): void {
    const job = `job-${this.jobs.size}`
    const names = Array.from({ length: Math.round(this.#chance.between(1, 3)) }, (_, index) => `s${index}`)
    const step = (name: string, after: string[]): Step => {
      const input = {
        ms: this.#chance.hits(0.3) ? this.#chance.between(2_000, 6_000) : this.#chance.between(5, 800),
      }
      return {
        step: name,
        name: 'work',
        after,
        input: packValue({ ...input, fails: this.#chance.hits(0.2) }),
      }
    }
    const steps = [...names.map((name) => step(name, [])), step('sum', names)]
    this.jobs.set(job, steps)
    void this.#client.submit(job, steps)
  }

  #cancel(): void {
    const [job, steps] = this.#chance.pick([...this.jobs])
    const only = this.#chance.hits(0.5) ? this.#chance.pick(steps).step : undefined
    this.#tell(`cancel ${job}/${only ?? '*'}`)
    void this.#client.cancel(job, only)
  }

  #strike(): void {
    const toLeader = [(name: string) => this.#crash(name), this.#drain, this.#stop]
    const toWorker = [this.#kill, this.#belie, this.#leave]
    const [leader] = this.world.leaders()
    const workers = [...this.#workers.values()]
    if (leader !== undefined && this.#chance.hits(0.4)) this.#chance.pick(toLeader).call(this, leader)
    else if (workers.length > 0 && this.#chance.hits(0.6))
      this.#chance.pick(toWorker).call(this, this.#chance.pick(workers))
  }

  #crash(name: string): void {
    this.#tell(`crash ${name}`)
    this.world.crash(name)
    this.world.clock.setTimeout(() => this.world.members.end(name, 'crashed'), this.#chance.between(0, 2_000))
    this.#manager()
  }

  #drain(name: string): void {
    this.#tell(`drain ${name}`)
    const end = (): void => {
      if (!this.world.has(name)) return
      this.world.crash(name)
      this.world.members.end(name, 'left')
      this.#manager()
    }
    void this.world.drain(name).then(end)
  }

  #stop(name: string): void {
    const ms = this.#chance.between(500, 8_000)
    this.#tell(`stop ${name} for ${Math.round(ms)} ms`)
    this.world.freeze(name)
    this.world.clock.setTimeout(() => this.world.thaw(name), ms)
  }

  #kill(worker: RunningWorker): void {
    this.#tell(`kill ${worker.name}.${worker.generation}`)
    worker.kill()
    const how = this.#chance.hits(0.5) ? 'exited' : 'crashed'
    this.#follow(worker, () => this.world.members.end(worker.name, how, worker.generation))
  }

  /** Called ended although it lives: it only hears no grant any more. */
  #belie(worker: RunningWorker): void {
    this.#tell(`belie ${worker.name}.${worker.generation}`)
    this.#gone.push(worker)
    this.#follow(worker, () => this.world.members.end(worker.name, 'superseded', worker.generation))
  }

  #leave(worker: RunningWorker): void {
    this.#tell(`leave ${worker.name}.${worker.generation}`)
    this.#workers.delete(worker.name)
    void worker.drain().then((clean) => {
      this.#gone.push(worker)
      this.#follow(worker, () => this.world.members.end(worker.name, 'left', worker.generation, !clean))
    })
  }

  /** Tells of the end of a generation after some time, and starts the next one. */
  #follow({ name, generation }: RunningWorker, tellEnd: () => void): void {
    this.#workers.delete(name)
    this.world.clock.setTimeout(
      () => {
        tellEnd()
        this.#worker(name, generation + 1)
      },
      this.#chance.between(0, 2_500),
    )
  }

  #worker(name: string, generation: number): void {
    const unkind = (links: Links, clock: Clock, random: Random): Links =>
      withUnkindBus(links, clock, random, this.#unkindness)
    this.#workers.set(name, new RunningWorker(this.world, this.ran, name, generation, unkind))
  }

  #manager(): void {
    this.#managers += 1
    const random = seededRandom(this.#managers * 101)
    this.world.manager(`m${this.#managers}`, 1, (links) =>
      withUnkindBus(links, this.world.clock, random, this.#unkindness),
    )
  }

  #tell(what: string): void {
    this.story.push(`${Math.round(this.world.clock.now())} ${what}`)
  }
}
