import type { SimulatedWorld } from '../simulated-world.js'
import { streamFaults } from './agreeing-streams.js'
import { isKeptNoMore } from './doubt.js'
import type { JobLoad } from './job-load.js'
import { overstays } from './kept-jobs.js'
import { lastingLoss } from './noticed-losses.js'
import { queueFaults } from './queue-balance.js'
import { stillStopping } from './stopped-workflows.js'
import { garbageObjects, missingObjects } from './stored-objects.js'

/** Until when all work must be over: what is long, fails often and waits for its key takes its time. */
const settlementMaxMs = 300_000
/** Until when all that was cancelled must have stopped: a lease, a renewal, and the longest work that hears of no stop. */
const cancelMaxMs = 30_000
/** Until when large results must be gone that nobody needs: many sweeps (K36). */
const garbageMaxMs = 60_000
/** Until when streams must have told all: a node's answer that was lost, and the patience of who asks. */
const streamsMaxMs = 60_000
/** So often all invariants are looked at, whatever happens. */
const lookMs = 250

/** How the work of a world comes to its end, once nothing goes wrong any more. */
export class Settlement {
  readonly #world: SimulatedWorld
  readonly #jobs: JobLoad
  readonly #violated: (invariant: string, what: string) => void

  /** @param violated told of an invariant that does not hold; does not return */
  constructor(world: SimulatedWorld, jobs: JobLoad, violated: (invariant: string, what: string) => never) {
    this.#world = world
    this.#jobs = jobs
    this.#violated = violated
  }

  /** Invariants 23 and 24: what was submitted ends, what was cancelled stops, and every slot is free again. */
  async settle(): Promise<void> {
    const { heap } = this.#world
    const beganMs = heap.now()
    const cancelled = stillStopping(this.#jobs.view)
    while (this.#jobs.unsettled().length > 0) {
      if (heap.now() >= beganMs + cancelMaxMs) this.#mustHaveStopped(cancelled)
      if (heap.now() >= beganMs + settlementMaxMs)
        this.#violated('settlement', this.#jobs.unsettled().join('; '))
      await this.#world.run(lookMs)
    }
  }

  /**
   * Invariant 25: offered is what has completed, failed or been cancelled; nothing is lost, and nothing is there twice. What
   * has been counted is asked for once more, of whoever leads now.
   */
  async balance(): Promise<void> {
    const { view } = this.#jobs
    const described = await this.#world.awaiting(this.#jobs.describe(), settlementMaxMs)
    const [wrong] = queueFaults(view, described)
    if (wrong !== undefined) this.#violated('queue-balance', wrong)
    const [overstaying] = overstays(view, described)
    if (overstaying !== undefined) this.#violated('bounded-retention', overstaying)
    await this.#weigh((job) => isKeptNoMore(view, job))
    await this.#agree()
    const unnoticed = await lastingLoss(view.logs.all, this.#world)
    if (unnoticed !== undefined) this.#violated('noticed-losses', unnoticed)
    await this.#world.awaiting(this.#jobs.count(), settlementMaxMs)
    await this.#world.run(lookMs)
  }

  /** K36: of large results those are kept that completed workflows have given, and no others. */
  async #weigh(isGone: (job: string) => boolean): Promise<void> {
    const { heap, subjects } = this.#world
    const { view } = this.#jobs
    const untilMs = heap.now() + garbageMaxMs
    const left = (): string | undefined => garbageObjects(view, subjects.cluster, isGone)[0]
    for (let what = left(); what !== undefined; what = left()) {
      if (heap.now() >= untilMs) this.#violated('bounded-garbage', `${what} is kept for nobody`)
      await this.#world.run(lookMs)
    }
    const [missing] = missingObjects(view, subjects.cluster, isGone)
    if (missing !== undefined) this.#violated('kept-results', missing)
  }

  /** K42: whoever reads streams was told where everything stands. */
  async #agree(): Promise<void> {
    const { heap } = this.#world
    const { view } = this.#jobs
    if (view.readers().length === 0) return
    const untilMs = heap.now() + streamsMaxMs
    for (;;) {
      const [wrong] = streamFaults(view, await this.#world.awaiting(this.#jobs.describe(), settlementMaxMs))
      if (wrong === undefined) return
      if (heap.now() >= untilMs) this.#violated('agreeing-streams', wrong)
      await this.#world.run(lookMs)
    }
  }

  #mustHaveStopped(cancelled: readonly string[]): void {
    const { view } = this.#jobs
    const late = cancelled.filter((id) => !view.ends.has(id) && !isKeptNoMore(view, id))
    if (late.length > 0)
      this.#violated('bounded-cancels', `${late.join(', ')} has been cancelled, and does not end`)
  }
}
