import { setTimeout as wait } from 'node:timers/promises'
import { type CancelCounts, type Client, CoveyError } from 'covey'
import { holdFor } from '../workflows.js'
import { judgeStorm, type StepEnd, type StormFacts } from './judge-storm.js'
import { planStorm, type StormJob, type StormPlan, type StormStep, stormSteps } from './plan-storm.js'
import { type Hear, heardWithin } from './until-heard.js'

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
/** A storm that is not over by then never will be: it takes 4 s, one lease and the longest stop of all managers. */
const stormDeadlineMs = 300_000
/** They run while a count is under way, which would keep them waiting. */
const priority = 10

const holdOf = (ms: number) => ({ workflow: holdFor, input: { ms }, priority })

/** Storms of cancels over jobs of their own, each carried out while the cluster is struck at. */
export class CancelStorms {
  readonly #client: StormClient
  readonly #seed: number
  readonly #say: (line: string) => void
  readonly #deadlineMs: number
  readonly #storms: Promise<StormFacts | string>[] = []
  #cancels = 0

  /** `deadlineMs` is what each storm has, and the look at all of them at their end. */
  constructor(client: StormClient, seed: number, say: (line: string) => void, deadlineMs = stormDeadlineMs) {
    this.#client = client
    this.#seed = seed
    this.#say = say
    this.#deadlineMs = deadlineMs
  }

  /** Begins one, which goes on by itself; `over` tells what became of it. */
  begin(share: number): void {
    const number = this.#storms.length + 1
    const plan = planStorm(number, `${this.#seed}/${share}`)
    this.#say(`chaos: storm ${number} of cancels over ${plan.jobs.length} jobs`)
    const storm = this.#inTime(`storm ${number} of cancels`, (hear) => this.#carryOut(plan, hear))
    // Why it failed is told to `over`, which waits for it later: until then it is nobody's, and no stray rejection.
    storm.catch(() => undefined)
    this.#storms.push(storm)
  }

  /** Waits for the end of all, looks whether each end has stayed what it was, and says what is wrong. */
  async over(): Promise<StormReport> {
    const ended = await Promise.all(this.#storms)
    const storms = ended.filter((storm) => typeof storm !== 'string')
    const late = ended.filter((storm) => typeof storm === 'string')
    const moved = await this.#inTime('the last look at all storms', (hear) =>
      Promise.all(storms.flatMap(({ jobs }) => jobs.map((job) => this.#moved(job, hear)))),
    )
    const states = storms.flatMap(({ jobs }) => jobs.flatMap(({ ends }) => Object.values(ends)))
    const count = (wanted: string): number => states.filter(({ state }) => state === wanted).length
    return {
      cancels: this.#cancels,
      cancelled: count('cancelled'),
      completed: count('completed'),
      wrong: [...late, ...storms.flatMap(judgeStorm), ...[moved].flat(2)],
    }
  }

  /** What an act comes to; where nobody answers it in its time, a line that says so. */
  async #inTime<Result>(what: string, act: (hear: Hear) => Promise<Result>): Promise<Result | string> {
    try {
      return await act(heardWithin(this.#deadlineMs))
    } catch (error) {
      if (!(error instanceof CoveyError)) throw error
      return `${what} did not come to its end, for which it had ${this.#deadlineMs / 1_000} s: ${error.message}`
    }
  }

  async #carryOut({ jobs, glob, waitsMs }: StormPlan, hear: Hear): Promise<StormFacts> {
    await Promise.all(jobs.map((job) => this.#submit(job, hear)))
    const answers: Promise<StormFacts['outcomes']>[] = []
    const sweeps: Promise<CancelCounts>[] = []
    for (const waitMs of waitsMs) {
      await wait(waitMs)
      answers.push(...jobs.flatMap((job) => this.#cancelById(job, hear)))
      sweeps.push(...this.#times(callersOfFilter, hear, () => this.#client.cancelMatching({ job: glob })))
    }
    const [outcomes, swept, ended] = await Promise.all([
      Promise.all(answers),
      Promise.all(sweeps),
      Promise.all(jobs.map(async (job) => ({ ...job, ends: await this.#ends(job, hear) }))),
    ])
    return {
      jobs: ended,
      outcomes: outcomes.flat(),
      swept: swept.reduce((sum, { cancelled, cancelling }) => sum + cancelled + cancelling, 0),
    }
  }

  #submit({ id, holdMs }: StormJob, hear: Hear): Promise<unknown> {
    const workflows = {
      first: holdOf(holdMs.first),
      second: { ...holdOf(holdMs.second), after: ['first'] as const },
      apart: holdOf(holdMs.apart),
    }
    return hear(() => this.#client.submitJob({ id, workflows }))
  }

  #cancelById({ id, aim }: StormJob, hear: Hear): Promise<StormFacts['outcomes']>[] {
    if (aim !== 'job' && aim !== 'step') return []
    const target = aim === 'job' ? id : `${id}/first`
    return this.#times(callersOfId, hear, async () => (await this.#client.cancel(target)).outcomes)
  }

  #times<Answer>(callers: number, hear: Hear, call: () => Promise<Answer>): Promise<Answer>[] {
    this.#cancels += callers
    return Array.from({ length: callers }, () => {
      const answer = hear(call)
      // All are awaited after the last round: until then one that fails is nobody's, and no stray rejection.
      answer.catch(() => undefined)
      return answer
    })
  }

  async #ends({ id }: StormJob, hear: Hear): Promise<Record<StormStep, StepEnd>> {
    try {
      await this.#client.ended(id, { deadlineMs: endDeadlineMs })
    } catch (error) {
      if (!(error instanceof CoveyError)) throw error
      const lost = { state: `lost (${error.message})` }
      return { first: lost, second: lost, apart: lost }
    }
    const states = await this.#states(id, hear)
    const ends = stormSteps.map(
      async (step) => [step, await this.#end(id, step, states[step], hear)] as const,
    )
    return Object.fromEntries(await Promise.all(ends)) as Record<StormStep, StepEnd>
  }

  async #end(job: string, step: StormStep, state: string, hear: Hear): Promise<StepEnd> {
    if (state !== 'completed') return { state }
    return {
      state,
      value: await hear((leftMs) => this.#client.result(`${job}/${step}`, { deadlineMs: leftMs })),
    }
  }

  async #states(id: string, hear: Hear): Promise<Record<StormStep, string>> {
    const { workflows } = await hear(() => this.#client.job(id))
    const stateOf = (step: StormStep): string =>
      workflows.find((workflow) => workflow.id === `${id}/${step}`)?.state ?? 'nowhere'
    return { first: stateOf('first'), second: stateOf('second'), apart: stateOf('apart') }
  }

  /** What had ended ends once: a line for each step that is something else by now. */
  async #moved({ id, ends }: StormFacts['jobs'][number], hear: Hear): Promise<string[]> {
    const states = await this.#states(id, hear)
    return stormSteps
      .filter((step) => states[step] !== ends[step].state)
      .map((step) => `${id}/${step} had ended as ${ends[step].state}, and is ${states[step]}`)
  }
}
