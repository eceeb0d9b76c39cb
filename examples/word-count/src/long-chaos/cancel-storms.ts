import { setTimeout as wait } from 'node:timers/promises'
import { type CancelCounts, type Client, CoveyError } from 'covey'
import { holdFor } from '../workflows.js'
import { judgeStorm, type StepEnd, type StormFacts } from './judge-storm.js'
import { planStorm, type StormJob, type StormPlan, type StormStep, stormSteps } from './plan-storm.js'
import { untilHeard } from './until-heard.js'

/** What the storms of a run have come to. */
export interface StormReport {
  /** Commands sent, by id, by step and by filter. */
  readonly cancels: number
  /** Workflows that ended by them. */
  readonly cancelled: number
  /** Workflows that nobody cancelled, or too late: they came to what they had to. */
  readonly completed: number
  readonly wrong: readonly string[]
}

type StormClient = Pick<Client, 'submitJob' | 'cancel' | 'cancelMatching' | 'ended' | 'job' | 'result'>

/** In every round, each with a call of its own at the same time. */
const callersOfId = 5
const callersOfFilter = 2
/** A worker that is stopped keeps what it runs for as long as it is stopped, and a lease. */
const endDeadlineMs = 180_000
/** They run while a count is under way, which would keep them waiting. */
const priority = 10

const holdOf = (ms: number) => ({ workflow: holdFor, input: { ms }, priority })

/** Storms of cancels over jobs of their own, each carried out while the cluster is struck at. */
export class CancelStorms {
  readonly #client: StormClient
  readonly #seed: number
  readonly #say: (line: string) => void
  readonly #storms: Promise<StormFacts>[] = []
  #cancels = 0

  constructor(client: StormClient, seed: number, say: (line: string) => void) {
    this.#client = client
    this.#seed = seed
    this.#say = say
  }

  /** Begins one, which goes on by itself; `over` tells what became of it. */
  begin(share: number): void {
    const number = this.#storms.length + 1
    const plan = planStorm(number, `${this.#seed}/${share}`)
    this.#say(`chaos: storm ${number} of cancels over ${plan.jobs.length} jobs`)
    const storm = this.#carryOut(plan)
    // Why it failed is told to `over`, which waits for it later: until then it is nobody's, and no stray rejection.
    storm.catch(() => undefined)
    this.#storms.push(storm)
  }

  /** Waits for the end of all, looks whether each end has stayed what it was, and says what is wrong. */
  async over(): Promise<StormReport> {
    const storms = await Promise.all(this.#storms)
    const moved = await Promise.all(storms.flatMap(({ jobs }) => jobs.map((job) => this.#moved(job))))
    const states = storms.flatMap(({ jobs }) => jobs.flatMap(({ ends }) => Object.values(ends)))
    const count = (wanted: string): number => states.filter(({ state }) => state === wanted).length
    return {
      cancels: this.#cancels,
      cancelled: count('cancelled'),
      completed: count('completed'),
      wrong: [...storms.flatMap(judgeStorm), ...moved.flat()],
    }
  }

  async #carryOut({ jobs, glob, waitsMs }: StormPlan): Promise<StormFacts> {
    await Promise.all(jobs.map((job) => this.#submit(job)))
    const answers: Promise<StormFacts['outcomes']>[] = []
    const sweeps: Promise<CancelCounts>[] = []
    for (const waitMs of waitsMs) {
      await wait(waitMs)
      answers.push(...jobs.flatMap((job) => this.#cancelById(job)))
      sweeps.push(...this.#times(callersOfFilter, () => this.#client.cancelMatching({ job: glob })))
    }
    const [outcomes, swept, ended] = await Promise.all([
      Promise.all(answers),
      Promise.all(sweeps),
      Promise.all(jobs.map(async (job) => ({ ...job, ends: await this.#ends(job) }))),
    ])
    return {
      jobs: ended,
      outcomes: outcomes.flat(),
      swept: swept.reduce((sum, { cancelled, cancelling }) => sum + cancelled + cancelling, 0),
    }
  }

  #submit({ id, holdMs }: StormJob): Promise<unknown> {
    const workflows = {
      first: holdOf(holdMs.first),
      second: { ...holdOf(holdMs.second), after: ['first'] as const },
      apart: holdOf(holdMs.apart),
    }
    return untilHeard(() => this.#client.submitJob({ id, workflows }))
  }

  #cancelById({ id, aim }: StormJob): Promise<StormFacts['outcomes']>[] {
    if (aim !== 'job' && aim !== 'step') return []
    const target = aim === 'job' ? id : `${id}/first`
    return this.#times(callersOfId, async () => (await this.#client.cancel(target)).outcomes)
  }

  #times<Answer>(callers: number, call: () => Promise<Answer>): Promise<Answer>[] {
    this.#cancels += callers
    return Array.from({ length: callers }, () => untilHeard(call))
  }

  async #ends({ id }: StormJob): Promise<Record<StormStep, StepEnd>> {
    try {
      await this.#client.ended(id, { deadlineMs: endDeadlineMs })
    } catch (error) {
      if (!(error instanceof CoveyError)) throw error
      const lost = { state: `lost (${error.message})` }
      return { first: lost, second: lost, apart: lost }
    }
    const states = await this.#states(id)
    const ends = stormSteps.map(async (step) => [step, await this.#end(id, step, states[step])] as const)
    return Object.fromEntries(await Promise.all(ends)) as Record<StormStep, StepEnd>
  }

  async #end(job: string, step: StormStep, state: string): Promise<StepEnd> {
    if (state !== 'completed') return { state }
    return { state, value: await untilHeard(() => this.#client.result(`${job}/${step}`)) }
  }

  async #states(id: string): Promise<Record<StormStep, string>> {
    const { workflows } = await untilHeard(() => this.#client.job(id))
    const stateOf = (step: StormStep): string =>
      workflows.find((workflow) => workflow.id === `${id}/${step}`)?.state ?? 'nowhere'
    return { first: stateOf('first'), second: stateOf('second'), apart: stateOf('apart') }
  }

  /** What had ended ends once: a line for each step that is something else by now. */
  async #moved({ id, ends }: StormFacts['jobs'][number]): Promise<string[]> {
    const states = await this.#states(id)
    return stormSteps
      .filter((step) => states[step] !== ends[step].state)
      .map((step) => `${id}/${step} had ended as ${ends[step].state}, and is ${states[step]}`)
  }
}
