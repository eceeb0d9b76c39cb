import { defaultKeeping } from '@covey/actors'
import { parseSubject, type Retention } from '@covey/protocol'
import { seededRandom } from '@covey/transport'
import { disagreements, isAgreed } from './agreement.js'
import { Digest } from './digest.js'
import type { Fault } from './fault.js'
import { FaultyCluster } from './faulty-cluster.js'
import { invariants as allInvariants, jobInvariants } from './invariants/index.js'
import type {
  DefineInvariant,
  DefineJobInvariant,
  Invariant,
  Scene,
  ToldFact,
} from './invariants/invariant.js'
import type { Errand } from './jobs/errand.js'
import { JobLoad } from './jobs/job-load.js'
import { Settlement } from './jobs/settlement.js'
import type { SimulatedNode } from './simulated-node.js'
import { SimulatedWorld } from './simulated-world.js'

/** What is run: with the same code it always ends in the same way, to the bit. */
export interface Simulation {
  readonly seed: number
  readonly nodes: readonly string[]
  /** Shards of the cluster. Default: 1. */
  readonly shards?: number
  readonly durationMs: number
  readonly faults: readonly Fault[]
  /** What clients do meanwhile; without any there is no work in the cluster. */
  readonly errands?: readonly Errand[]
  /** What managers keep of jobs that have ended. Default: what they keep in production. */
  readonly retention?: Retention
  /** Whether clients read streams, and functions report their progress. Default: they do not. */
  readonly streams?: boolean
}

/** How a simulation ended. */
export interface Verdict {
  /** What was violated first, with its time; undefined where nothing was. */
  readonly violation: Violation | undefined
  /** The same for two runs in which the same happened. */
  readonly digest: string
  readonly transitions: number
  /** Timers that rang, each with everything that it set off. */
  readonly steps: number
  readonly virtualMs: number
}

/** Something that must never be, and was. */
export interface Violation {
  readonly invariant: string
  readonly what: string
  readonly atMs: number
}

/** Until when all must agree once nothing goes wrong any more: who was killed while joining is given up by then. */
const convergenceMaxMs = 120_000
/** How long they must go on agreeing. */
const stableMs = 5_000
const formationMaxMs = 60_000
/** How long it takes to be seen that something has lasted too long. */
const lookAgainMs = 250
const fairLatencyMs = { latencyMinMs: 0.2, latencyMaxMs: 2 }

/** Where a run stops: the first violation is the one that matters. */
class Violated extends Error {
  readonly violation: Violation
  constructor(violation: Violation) {
    super(`${violation.invariant}: ${violation.what}`)
    this.violation = violation
  }
}

class Run {
  readonly #simulation: Simulation
  readonly #world: SimulatedWorld
  readonly #cluster: FaultyCluster
  readonly #onFormed: (atMs: number) => void
  readonly #digest = new Digest()
  readonly #invariants: readonly Invariant[]
  readonly #jobs: JobLoad | undefined
  readonly #facts: ToldFact[] = []
  #changed: readonly SimulatedNode[] = []
  #steps = 0
  #lookedAtMs = 0

  constructor(
    simulation: Simulation,
    define: readonly DefineInvariant[],
    onFormed: (atMs: number) => void,
    ofWork: readonly DefineJobInvariant[],
  ) {
    const { seed, nodes, shards = 1 } = simulation
    this.#simulation = simulation
    this.#onFormed = onFormed
    this.#world = new SimulatedWorld({
      seed,
      shards,
      faults: fairLatencyMs,
      onStep: (changed) => this.#step(changed),
    })
    const jobs =
      simulation.errands &&
      new JobLoad(this.#world, {
        ...{ errands: simulation.errands, random: seededRandom(seed ^ 0xc11e) },
        retention: simulation.retention ?? defaultKeeping.retention,
        streams: simulation.streams ?? false,
      })
    this.#cluster = new FaultyCluster(this.#world, nodes, seededRandom(seed ^ 0x5eed), jobs?.nodeOptions)
    const scene: Scene = {
      world: this.#world,
      changed: () => this.#changed,
      takeFacts: () => this.#facts.splice(0),
      lastTroubleMs: this.#cluster.lastTroubleMs,
      powerLosses: this.#cluster.powerLosses,
      evictionsAsked: this.#cluster.evictionsAsked,
      out: this.#cluster.out,
    }
    this.#jobs = jobs
    jobs?.excuse(this.#cluster.managerJumpMs)
    this.#invariants = [
      ...define.map((make) => make(scene)),
      ...(jobs ? ofWork.map((make) => make({ ...scene, jobs: jobs.view })) : []),
    ]
  }

  async run(): Promise<Verdict> {
    const { heap } = this.#world
    let violation: Violation | undefined
    try {
      await this.#whole()
    } catch (error) {
      if (!(error instanceof Violated)) throw error
      violation = error.violation
    }
    return {
      violation,
      digest: this.#digest.text(),
      transitions: this.#digest.transitions,
      steps: this.#steps,
      virtualMs: Math.round(heap.now()),
    }
  }

  async #whole(): Promise<void> {
    this.#observeFacts()
    this.#cluster.start()
    await this.#agree('formation', formationMaxMs)
    this.#onFormed(this.#world.heap.now())
    await this.#safetyPhase()
    this.#cluster.heal()
    await this.#agree('convergence', convergenceMaxMs)
    const settlement =
      this.#jobs &&
      new Settlement(this.#world, this.#jobs, (invariant, what) => this.#violated(invariant, what))
    await settlement?.settle()
    await this.#world.run(stableMs)
    this.#mustAgree('stability')
    await settlement?.balance()
  }

  async #safetyPhase(): Promise<void> {
    const { heap } = this.#world
    const { faults, durationMs } = this.#simulation
    const startMs = heap.now()
    this.#jobs?.begin()
    for (const fault of faults) heap.setTimeout(() => this.#cluster.apply(fault), fault.atMs)
    await this.#world.run(startMs + durationMs - heap.now())
  }

  #observeFacts(): void {
    const { broker, subjects } = this.#world
    broker.open('observer').facts.watch(subjects.facts, {
      onFact: ({ subject, data }) => {
        const parsed = parseSubject(subjects.cluster, subject)
        if (parsed?.kind === 'fact') this.#facts.push({ ...parsed, data })
      },
    })
  }

  /** Nothing is looked at again that is as it was; but some things must not stay as they are. */
  #step(changed: ReadonlySet<SimulatedNode>): void {
    this.#steps += 1
    const nowMs = this.#world.heap.now()
    const isAgain = nowMs >= this.#lookedAtMs + lookAgainMs
    if (changed.size === 0 && this.#facts.length === 0 && !isAgain) return
    if (isAgain) this.#lookedAtMs = nowMs
    const looked = isAgain ? this.#world.nodes : [...changed]
    this.#cluster.supervise(looked)
    // The dead stay as they are: each was looked at when it died.
    this.#changed = isAgain ? looked.filter((node) => !node.isDead || changed.has(node)) : looked
    this.#lookAtWork(nowMs)
    for (const { name, look } of this.#invariants) {
      const [what] = look()
      if (what !== undefined) this.#violated(name, what)
    }
    this.#digest.take(nowMs, this.#changed)
  }

  #lookAtWork(nowMs: number): void {
    if (this.#jobs === undefined) return
    this.#jobs.look(this.#changed)
    const [fault] = this.#jobs.takeFaults()
    if (fault !== undefined) this.#violated('client-answers', fault)
    for (const line of this.#jobs.takeLines()) this.#digest.note(nowMs, line)
  }

  #violated(invariant: string, what: string): never {
    throw new Violated({ invariant, what, atMs: Math.round(this.#world.heap.now()) })
  }

  async #agree(name: string, withinMs: number): Promise<void> {
    const untilMs = this.#world.heap.now() + withinMs
    while (!isAgreed(this.#simulation.nodes, this.#cluster.up())) {
      if (this.#world.heap.now() >= untilMs) this.#mustAgree(name)
      await this.#world.run(250)
    }
  }

  #mustAgree(name: string): void {
    const [what] = disagreements(this.#simulation.nodes, this.#cluster.up())
    if (what !== undefined) this.#violated(name, what)
  }
}

/**
 * Runs a cluster through its faults, then without any: everything that must hold is looked at after each change.
 * @param onFormed called with the time of the world once all nodes see each other, before the first fault
 */
export const simulate = (
  simulation: Simulation,
  invariants: readonly DefineInvariant[] = allInvariants,
  onFormed: (atMs: number) => void = () => undefined,
  ofWork: readonly DefineJobInvariant[] = jobInvariants,
): Promise<Verdict> => new Run(simulation, invariants, onFormed, ofWork).run()
