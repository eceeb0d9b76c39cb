import {
  createManagerPart,
  createWorkerPart,
  type Environment,
  type ManagerPart,
  type Members,
  type NodePart,
  type WorkerPart,
} from '@covey/actors'
import type { Retention } from '@covey/protocol'
import type { Random } from '@covey/transport'
import type { NodeOptions } from '../node-options.js'
import type { SimulatedNode } from '../simulated-node.js'
import type { SimulatedWorld } from '../simulated-world.js'
import { toDoAgain } from './doubt.js'
import { clientsOf, type Errand } from './errand.js'
import { Executions } from './executions.js'
import { expectedOf, hasIsolated, hasLarge } from './expected-workflows.js'
import { type DescribedJob, nothingHeard } from './heard.js'
import { JobClients } from './job-clients.js'
import type { JobsView } from './jobs-view.js'
import { loadLines } from './load-lines.js'
import { observeWorker, type PassedWork } from './observed-worker.js'
import type { PutBack } from './read-log.js'
import { ReadLogs } from './read-logs.js'
import { ToldStates } from './told-states.js'
import { nothingTold } from './told-streams.js'
import { watchPart } from './watched-node.js'
import { type Witness, witnessesOf } from './witnesses.js'
import { workerCode } from './worker-code.js'
import { labelsOf } from './worker-labels.js'
import { WorkerWords } from './worker-words.js'

const slots = 3
/** Few, so that snapshots and trims happen while faults do. */
const snapshotEvents = 60
/** So that large results are removed while others are written. */
const resultSweepMs = 5_000

/** What the work of a cluster is made of. */
export interface JobLoadOptions {
  /** What clients do. */
  readonly errands: readonly Errand[]
  readonly random: Random
  /** What managers keep of jobs that have ended. */
  readonly retention: Retention
  /** Whether clients read streams, and functions report their progress. */
  readonly streams: boolean
}

interface Working {
  readonly worker: WorkerPart
  /** By the number of the shard. */
  readonly passed: readonly PassedWork[]
}

/** Work for a simulated cluster: clients that go on errands, managers that lead and workers that run, and what is seen of them. */
export class JobLoad {
  readonly view: JobsView
  /** What happened since the last call, a line each. */
  readonly takeLines: () => readonly string[]
  readonly #world: SimulatedWorld
  readonly #errands: readonly Errand[]
  readonly #random: Random
  readonly #clients: JobClients
  readonly #executions = new Executions()
  readonly #told: ToldStates
  readonly #heard = nothingHeard()
  readonly #streams = nothingTold()
  readonly #hasStreams: boolean
  readonly #words: WorkerWords
  readonly #working = new Map<SimulatedNode, Working>()
  readonly #managers = new Map<SimulatedNode, ManagerPart>()
  readonly #leading = new Map<SimulatedNode, readonly number[]>()
  readonly #reopened = new Map<string, number>()
  #begun = 0
  #lastCopyMs = Number.NEGATIVE_INFINITY
  #lastJumpMs = (): number => Number.NEGATIVE_INFINITY

  constructor(world: SimulatedWorld, { errands, random, retention, streams }: JobLoadOptions) {
    this.#hasStreams = streams
    this.#world = world
    this.#errands = errands
    this.#random = random
    this.#told = new ToldStates(() => world.heap.now())
    this.#words = new WorkerWords(() => world.heap.now())
    this.#clients = new JobClients(clientsOf(errands), {
      ...{ world, random, heard: this.#heard },
      ...(streams && { streams: this.#streams }),
      mayBeLost: (job) => this.#reopened.has(job),
    })
    this.view = {
      executions: this.#executions.all,
      running: () => this.#executions.running(),
      logs: new ReadLogs(world, (putBack) => this.#lose(putBack)),
      told: this.#told.all,
      ends: this.#told.ends,
      gone: this.#told.gone,
      retention,
      ...this.#heard,
      streams: this.#streams,
      readers: () => (streams ? this.#clients.living : []),
      ...expectedOf(errands),
      words: this.#words,
      worker: (node) => this.#working.get(node)?.worker.view(),
      passed: (node, shard) => this.#working.get(node)?.passed[shard],
      reopened: this.#reopened,
      lastCopyMs: () => this.#lastCopyMs,
      objectNames: () => world.broker.objectNames(),
      hasJumped: (sinceMs) => this.#lastJumpMs() >= sinceMs,
    }
    this.takeLines = loadLines(this.view)
  }

  /** @param lastJumpMs when the clock of a manager went forward at once for the last time */
  excuse(lastJumpMs: () => number): void {
    this.#lastJumpMs = lastJumpMs
  }

  /** What a node is given to take part: the production parts of a manager, or of a worker. */
  readonly nodeOptions = (name: string, isManager: boolean, node: () => SimulatedNode): NodeOptions => {
    const parts = (env: Environment, members: () => Members): NodePart[] =>
      isManager ? this.#managerParts(env, members, node) : this.#workerParts(env, node)
    return { slots, parts, ...(!isManager && { labels: labelsOf(name) }) }
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
      const before = this.#leading.get(node) ?? []
      const leads = node.isDead ? [] : part.leads()
      if (leads.length + before.length === 0) continue
      this.#leading.set(node, leads)
      for (const shard of leads) if (!before.includes(shard)) this.#told.takeOver(part, node, shard)
    }
  }

  /** What has gone wrong with an errand in a way that no user should see; none is told twice. */
  takeFaults(): readonly string[] {
    return this.#clients.takeFaults()
  }

  /** What is not over yet: errands that have no answer, functions that run, slots that are taken. */
  unsettled(): string[] {
    const ahead = this.#errands.length - this.#begun
    const waiting = this.#clients.underWay
    const running = this.#executions
      .running()
      .map(({ workflow, process }) => `${workflow} runs on ${process.name}`)
    const taken = [...this.#working].flatMap(([{ address, isUp }, { worker }]) => {
      const { slotsUsed, outboxWords } = worker.view()
      return isUp && slotsUsed + outboxWords > 0
        ? [`${address} has ${slotsUsed} slots taken and ${outboxWords} words in the outbox`]
        : []
    })
    return [
      ...(ahead > 0 ? [`${ahead} errands are to come`] : []),
      ...waiting,
      ...running,
      ...taken,
      ...toDoAgain(this.view),
    ]
  }

  /** Lets a client hear once more what each job has counted, as whoever leads has it now: as it asks, and as it follows. */
  async count(): Promise<void> {
    for (const job of this.#jobs) {
      await this.#clients.first?.count(job)
      await this.#clients.first?.follow(job)
    }
  }

  /** All jobs, as whoever leads has them now. */
  async describe(): Promise<ReadonlyMap<string, DescribedJob>> {
    const described = new Map<string, DescribedJob>()
    for (const job of this.#jobs) described.set(job, (await this.#clients.first?.describe(job)) ?? new Map())
    return described
  }

  get #jobs(): readonly string[] {
    return this.#errands.flatMap((errand) => (errand.kind === 'submit' ? [errand.job] : []))
  }

  #lose({ shard, streamEpoch, sequence, jobs }: PutBack): Witness[] {
    this.#lastCopyMs = this.#world.heap.now()
    for (const job of jobs) this.#reopened.set(job, this.#lastCopyMs)
    this.#told.reopen(jobs, sequence)
    const processes = { managers: this.#managers, workers: this.#working }
    return witnessesOf(processes, shard, { streamEpoch, sequence })
  }

  #send(errand: Errand): void {
    this.#begun += 1
    this.#clients.send(errand)
  }

  #managerParts(env: Environment, members: () => Members, node: () => SimulatedNode): NodePart[] {
    const part = createManagerPart(env, {
      shards: this.#world.shards,
      members,
      keeping: {
        ...{ retention: this.view.retention, snapshotEvents },
        ...(hasLarge(this.view) && { resultSweepMs }),
      },
    })
    const observed: NodePart = {
      ...part,
      open: (self) => {
        part.open(self)
        this.#managers.set(node(), part)
        this.#told.listen(part, node())
      },
    }
    return [observed, ...(this.#hasStreams ? [watchPart(env, part)] : [])]
  }

  #workerParts(env: Environment, node: () => SimulatedNode): NodePart[] {
    const { heap, subjects, shards } = this.#world
    const now = (): number => heap.now()
    const words = this.#words
    const passed = observeWorker({ links: env.links, subjects, shards, clock: env.clock, words })
    const code = workerCode({
      ...{ env, heap, slots, now, random: this.#random, process: node },
      ...{ executions: this.#executions, isolates: hasIsolated(this.view), reports: this.#hasStreams },
      followed: (workflow, { name: worker, generation }) =>
        words.followedBy({ shard: this.view.logs.of(workflow).shard, worker, generation }),
    })
    // The wall clock of every process is right: a machine that slept sees by it that it did (K29).
    const worker = createWorkerPart(env, { shards, slots, workflows: code.workflows, wallNow: now })
    const beginLeases = (): void => {
      for (const ofShard of passed) ofShard.leaseSinceMs = env.clock.now()
    }
    const observed: NodePart = {
      ...worker,
      // A leader may hear that a generation is active before that generation does, and give it work.
      open: (self) => {
        code.open()
        worker.open(self)
        beginLeases()
        this.#working.set(node(), { worker, passed })
      },
      activate: () => {
        beginLeases()
        worker.activate()
      },
    }
    return [observed, ...(this.#hasStreams ? [watchPart(env)] : [])]
  }
}
