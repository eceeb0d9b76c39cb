import {
  createManagerPart,
  createWorkerPart,
  defaultKeeping,
  type Environment,
  type ManagerPart,
  type Members,
  type NodePart,
  type WorkerPart,
} from '@covey/actors'
import { brokerServers, type Random } from '@covey/transport'
import type { NodeOptions } from '../node-options.js'
import type { SimulatedNode } from '../simulated-node.js'
import type { SimulatedWorld } from '../simulated-world.js'
import { clientsOf, type Errand, type ErrandStep } from './errand.js'
import { Executions } from './executions.js'
import { hostedWorks } from './hosted-works.js'
import { type ClientAnswer, JobClient } from './job-client.js'
import type { ExpectedWorkflow, JobsView } from './jobs-view.js'
import { observeWorker, type PassedWork } from './observed-worker.js'
import { ReadLog } from './read-log.js'
import { ToldStates } from './told-states.js'
import { unread } from './unread.js'

/** The one shard that there is. */
const shard = 0
const slots = 3
/** Few, so that snapshots and trims happen while faults do. */
const snapshotEvents = 60

const sumsOf = (steps: readonly ErrandStep[]): Map<string, number> => {
  const sums = new Map<string, number>()
  for (const { step, after } of steps) {
    sums.set(
      step,
      [...new Set(after)].reduce((sum, name) => sum + (sums.get(name) ?? 0), 1),
    )
  }
  return sums
}

function expectedOf(errands: readonly Errand[]): Map<string, ExpectedWorkflow> {
  const expected = new Map<string, ExpectedWorkflow>()
  for (const errand of errands) {
    if (errand.kind !== 'submit') continue
    const sums = sumsOf(errand.steps)
    for (const { step, work } of errand.steps) {
      expected.set(`${errand.job}/${step}`, { job: errand.job, sum: sums.get(step) ?? 0, work })
    }
  }
  return expected
}

interface Working {
  readonly worker: WorkerPart
  readonly passed: PassedWork
}

/** Work for a simulated cluster: clients that go on errands, managers that lead and workers that run, and what is seen of them. */
export class JobLoad {
  readonly view: JobsView
  readonly #world: SimulatedWorld
  readonly #errands: readonly Errand[]
  readonly #clients: readonly JobClient[]
  readonly #executions = new Executions()
  readonly #told: ToldStates
  readonly #answers: ClientAnswer[] = []
  readonly #working = new Map<SimulatedNode, Working>()
  readonly #managers = new Map<SimulatedNode, ManagerPart>()
  readonly #leading = new Set<SimulatedNode>()
  readonly #faults: string[] = []
  readonly #begunExecutions = unread(this.#executions.all)
  readonly #freshAnswers = unread(this.#answers)
  #begun = 0
  #lastJumpMs = (): number => Number.NEGATIVE_INFINITY

  constructor(world: SimulatedWorld, errands: readonly Errand[], random: Random) {
    this.#world = world
    this.#errands = errands
    this.#told = new ToldStates(() => world.heap.now())
    this.#clients = Array.from({ length: clientsOf(errands) }, (_, index) => {
      const name = `client${index}`
      world.broker.servers.place(name, index % brokerServers)
      return new JobClient(name, world, random, this.#answers)
    })
    this.view = {
      executions: this.#executions.all,
      running: () => this.#executions.running(),
      log: new ReadLog(world.broker, world.subjects, shard),
      told: this.#told.all,
      ends: this.#told.ends,
      answers: this.#answers,
      expected: expectedOf(errands),
      worker: (node) => this.#working.get(node)?.worker.view(),
      passed: (node) => this.#working.get(node)?.passed,
      hasJumped: (sinceMs) => this.#lastJumpMs() >= sinceMs,
    }
  }

  /** @param lastJumpMs when the clock of a manager went forward at once for the last time */
  excuse(lastJumpMs: () => number): void {
    this.#lastJumpMs = lastJumpMs
  }

  /** What a node is given to take part: the production parts of a manager, or of a worker. */
  readonly nodeOptions = (isManager: boolean, node: () => SimulatedNode): NodeOptions => {
    const parts = (env: Environment, members: () => Members): NodePart[] =>
      isManager ? [this.#managerPart(env, members, node)] : [this.#workerPart(env, node)]
    return { slots, parts }
  }

  /** Sends the clients on their errands, each at its time from now. */
  begin(): void {
    const { heap } = this.#world
    for (const errand of this.#errands) heap.setTimeout(() => this.#send(errand), errand.atMs)
  }

  /** Looks at who leads; called after each step in which one of these nodes has changed. */
  look(changed: readonly SimulatedNode[]): void {
    for (const node of changed) {
      const part = this.#managers.get(node)
      if (part === undefined) continue
      const isLeading = !node.isDead && part.leads().includes(shard)
      if (isLeading === this.#leading.has(node)) continue
      if (isLeading) {
        this.#leading.add(node)
        this.#told.takeOver(part, node)
      } else this.#leading.delete(node)
    }
  }

  /** What has gone wrong with an errand in a way that no user should see; none is told twice. */
  takeFaults(): readonly string[] {
    return this.#faults.splice(0)
  }

  /** What happened since the last call, a line each. */
  takeLines(): readonly string[] {
    return [
      ...this.#begunExecutions().map(
        ({ workflow, token, process }) => `${process.address} runs ${workflow} ${token}`,
      ),
      ...this.#freshAnswers().map(({ client, kind, about, said }) => `${client} ${kind} ${about} ${said}`),
    ]
  }

  /** What is not over yet: errands that have no answer, functions that run, slots that are taken. */
  unsettled(): string[] {
    const ahead = this.#errands.length - this.#begun
    const waiting = this.#clients.flatMap(({ underWay }) => underWay)
    const running = this.#executions
      .running()
      .map(({ workflow, process }) => `${workflow} runs on ${process.name}`)
    const taken = [...this.#working].flatMap(([{ address, isUp }, { worker }]) => {
      const { slotsUsed, outboxWords } = worker.view()
      return isUp && slotsUsed + outboxWords > 0
        ? [`${address} has ${slotsUsed} slots taken and ${outboxWords} words in the outbox`]
        : []
    })
    return [...(ahead > 0 ? [`${ahead} errands are to come`] : []), ...waiting, ...running, ...taken]
  }

  /** The states of all workflows, as whoever leads has them now; an empty map for a job that nobody has. */
  async describe(): Promise<ReadonlyMap<string, ReadonlyMap<string, string>>> {
    const [client] = this.#clients
    const jobs = this.#errands.flatMap((errand) => (errand.kind === 'submit' ? [errand.job] : []))
    const described = new Map<string, ReadonlyMap<string, string>>()
    for (const job of jobs) described.set(job, (await client?.describe(job)) ?? new Map())
    return described
  }

  #send(errand: Errand): void {
    this.#begun += 1
    const both = errand.kind === 'submit' && errand.twice
    const goers = this.#clients.filter((_, index) => both || index === errand.client)
    for (const client of goers) {
      client.go(errand).catch((error: unknown) => this.#faults.push(`${client.name}: ${String(error)}`))
    }
  }

  #managerPart(env: Environment, members: () => Members, node: () => SimulatedNode): NodePart {
    const part = createManagerPart(env, {
      shards: 1,
      members,
      keeping: { ...defaultKeeping, snapshotEvents },
    })
    return {
      ...part,
      open: (self) => {
        part.open(self)
        this.#managers.set(node(), part)
        this.#told.listen(part, node())
      },
    }
  }

  #workerPart(env: Environment, node: () => SimulatedNode): NodePart {
    const { heap, subjects } = this.#world
    const now = (): number => heap.now()
    const passed = observeWorker(env.links, subjects, shard, env.clock)
    const workflows = hostedWorks(node, this.#executions, now)
    // The wall clock of every process is right: a machine that slept sees by it that it did (K29).
    const worker = createWorkerPart(env, { shards: 1, slots, workflows, wallNow: now })
    return {
      ...worker,
      open: (self) => {
        worker.open(self)
        this.#working.set(node(), { worker, passed })
      },
      activate: () => {
        passed.leaseSinceMs = env.clock.now()
        worker.activate()
      },
    }
  }
}
