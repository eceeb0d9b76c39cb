import { CoveyError } from '@covey/protocol'
import { delay, type Links, type Random } from '@covey/transport'
import { type CancelAnswer, type Client, connect } from 'covey'
import { SimulatedClock } from '../simulated-clock.js'
import type { SimulatedWorld } from '../simulated-world.js'
import type { ErrandOf, Question } from './errand.js'
import type { DescribedJob, Heard, ToldTotals } from './heard.js'
import { inputOf } from './hosted-works.js'
import { StreamReader } from './stream-reader.js'
import type { ToldStreams } from './told-streams.js'

/** As long as a user waits for one answer before asking again. */
const patienceMs = 10_000
const againAfterMs = 500

/** What a user of the cluster is made with. */
export interface JobClientOptions {
  readonly name: string
  /** Which of the processes of all users it is, from 1 on. */
  readonly process: number
  readonly world: SimulatedWorld
  readonly random: Random
  /** Where it writes down what it hears. */
  readonly heard: Heard
  /** Whether the store has gone back behind what was heard of a job: then it is submitted again. */
  readonly mayBeLost: (job: string) => boolean
  /** Where it writes down what streams tell it; missing: it reads none. */
  readonly streams?: ToldStreams
  /** Something went on as no user should see it. */
  readonly onFault: (what: string) => void
}

/** A user of the cluster: does its errands as a careful one does, who asks again under the same id until there is an answer. */
export class JobClient {
  readonly name: string
  readonly #world: SimulatedWorld
  readonly #links: Links
  readonly #client: Promise<Client>
  readonly #heard: Heard
  readonly #clock: SimulatedClock
  /** The process. */
  readonly address: string
  readonly #underWay = new Set<Question>()
  readonly #mayBeLost: (job: string) => boolean
  readonly #reader: StreamReader | undefined
  #isClosed = false

  constructor(options: JobClientOptions) {
    const { name, process, world, random, heard, mayBeLost, streams, onFault } = options
    this.#mayBeLost = mayBeLost
    const { broker, heap, subjects } = world
    this.name = name
    this.#world = world
    this.#heard = heard
    this.address = `${name}-${process}`
    this.#clock = new SimulatedClock(heap)
    this.#links = broker.open(name, String(process), this.#clock)
    this.#reader = streams && new StreamReader({ client: this.address, told: streams, onFault })
    this.#client = this.#connect(subjects.cluster, random)
  }

  /** What it has begun and has no answer to. */
  get underWay(): readonly string[] {
    return [...this.#underWay].map(
      (question) => `${question.kind} ${'job' in question ? question.job : question.work} of ${this.name}`,
    )
  }

  /** Goes on an errand; what it was told is among the answers when it is back. */
  async go(errand: Question): Promise<void> {
    this.#underWay.add(errand)
    if (errand.kind === 'submit') await this.#submit(errand)
    else if (errand.kind === 'cancel') await this.#cancel(errand)
    else await this.#sweep(errand)
    this.#underWay.delete(errand)
  }

  /** SIGKILL: it hears and says nothing more. Answers what it had no answer to. */
  die(): readonly Question[] {
    this.#isClosed = true
    this.#clock.kill()
    this.#world.broker.kill(this.address)
    return [...this.#underWay]
  }

  /** A job, as the leader has it; undefined where this client is closed. */
  async describe(job: string): Promise<DescribedJob | undefined> {
    const described = await this.#untilAnswered(job, async (client) => {
      const { workflows } = await client.job(job, { deadlineMs: patienceMs })
      return new Map(workflows.map(({ id, state }) => [id, state]))
    })
    return described ?? (this.#hasExpired(job) ? 'expired' : new Map())
  }

  /** Asks what the workflows of a job have counted; what it was told is among what clients have heard when it is back. */
  async count(job: string): Promise<void> {
    const windows = await this.#untilAnswered(job, (client) =>
      client.statistics(job, { deadlineMs: patienceMs }),
    )
    if (windows !== undefined) this.#heard.totals.push({ client: this.name, job, windows })
  }

  /**
   * Hears what the workflows of a job have counted while they count; what it was told last, once the job has ended, is among
   * what clients were told that it has counted.
   */
  async follow(job: string): Promise<void> {
    const windows = await this.#untilAnswered(job, async (client) => {
      let last: ToldTotals['windows'] = []
      await client.handle(job).statistics$.forEach((told) => {
        last = told
        this.#heard.counts.push({ client: this.name, job, windows: told })
      })
      return last
    })
    // Where a client is closed its streams end, and jobs do not.
    if (windows !== undefined && !this.#isClosed) this.#heard.totals.push({ client: this.name, job, windows })
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await (await this.#client).close()
    await this.#links.close()
  }

  async #submit({ job, steps }: ErrandOf<'submit'>): Promise<void> {
    const workflows = Object.fromEntries(
      steps.map(({ step, work, ms, fails, bytes, deaf, breaks, after, ...placing }) => [
        step,
        { name: work, input: inputOf({ ms, fails, bytes, deaf, breaks }), after, ...placing },
      ]),
    )
    let said: string | undefined
    do {
      const accepted = await this.#untilAnswered(job, (client) =>
        client.submitJob({ id: job, workflows }, { deadlineMs: patienceMs }),
      )
      if (accepted === undefined) return
      this.#heard.accepted.set(job, this.#world.heap.now())
      ;[said] = await Promise.all([this.#ended(job), this.follow(job), this.#read(job)])
    } while (said === undefined && !this.#isClosed && this.#mayBeLost(job) && !this.#hasExpired(job))
    for (const { step } of steps) await this.#result(`${job}/${step}`)
    await this.count(job)
  }

  async #connect(cluster: string, random: Random): Promise<Client> {
    const client = await connect({ links: this.#links, cluster, clock: this.#clock, random })
    this.#reader?.begin(client)
    return client
  }

  /** Reads the streams of a job until they end. */
  async #read(job: string): Promise<void> {
    const reader = this.#reader
    if (reader) await this.#untilAnswered(job, (client) => reader.followJob(client, job))
  }

  /** How a job has ended. What a log loses after that may let the job go on: the word is from when it was heard (K11). */
  async #ended(job: string): Promise<string | undefined> {
    const said = await this.#untilAnswered(job, (client) => client.ended(job))
    if (said !== undefined) this.#heard.answers.push({ client: this.name, about: job, kind: 'ended', said })
    return said
  }

  async #result(id: string): Promise<void> {
    const answer = await this.#untilAnswered(
      id,
      async (client): Promise<{ said: string; value?: unknown }> => {
        try {
          return { said: 'completed', value: await client.result(id) }
        } catch (error) {
          const said = error instanceof CoveyError ? endOf(error) : undefined
          if (said === undefined) throw error
          return { said }
        }
      },
    )
    if (answer !== undefined)
      this.#heard.answers.push({ client: this.name, about: id, kind: 'result', ...answer })
  }

  async #cancel({ job, step }: ErrandOf<'cancel'>): Promise<void> {
    const id = step === undefined ? job : `${job}/${step}`
    const answer: CancelAnswer | undefined = await this.#untilAnswered(id, (client) =>
      client.cancel(id, { deadlineMs: patienceMs }),
    )
    for (const { id: about, outcome } of answer?.outcomes ?? []) {
      this.#heard.answers.push({ client: this.name, about, kind: 'cancel', said: outcome })
    }
  }

  async #sweep({ work, state }: ErrandOf<'sweep'>): Promise<void> {
    const { heap } = this.#world
    const filter = { name: work, ...(state !== undefined && { state }) }
    const answer = await this.#untilAnswered(work, async (client) => {
      const askedAtMs = heap.now()
      const { shards } = await client.cancelMatching(filter, { deadlineMs: patienceMs })
      return { askedAtMs, shards: shards.map(({ shard }) => shard) }
    })
    if (answer === undefined) return
    this.#heard.sweeps.push({ client: this.name, work, isWhole: state === undefined, ...answer })
  }

  /** Whether it was told that a job is kept no more. */
  #hasExpired(job: string): boolean {
    return this.#heard.expiries.some(({ about, client }) => about === job && client === this.name)
  }

  /** Asks until there is an answer; undefined where what it is about does not exist, or exists no more, or the client is closed. */
  async #untilAnswered<Answer>(
    about: string,
    ask: (client: Client) => Promise<Answer>,
  ): Promise<Answer | undefined> {
    const client = await this.#client
    while (!this.#isClosed) {
      try {
        return await ask(client)
      } catch (error) {
        if (!(error instanceof CoveyError)) throw error
        if (error.code === 'expired')
          this.#heard.expiries.push({ client: this.name, about, atMs: this.#world.heap.now() })
        if (final.has(error.code)) return undefined
        if (!passing.has(error.code)) throw error
        await delay(this.#world.heap, againAfterMs)
      }
    }
    return undefined
  }
}

/** There is nothing to be asked, or nobody any more who asks. */
const final: ReadonlySet<string> = new Set(['not_found', 'expired', 'closed'])
/** Refusals and silences after which a user asks again. */
const passing: ReadonlySet<string> = new Set([
  ...['no_leader', 'unreachable', 'unavailable', 'overloaded', 'rate_limited', 'storage_full', 'deadline'],
])

/** By which end a result is not there. */
function endOf({ code }: CoveyError): string | undefined {
  if (code === 'workflow_cancelled') return 'cancelled'
  if (code === 'workflow_skipped') return 'skipped'
  if (code === 'result_lost') return 'lost'
  return failures.has(code) ? 'failed' : undefined
}
const failures: ReadonlySet<string> = new Set([
  ...['workflow_failed', 'workflow_timeout', 'worker_lost', 'invalid_input', 'too_large', 'storage_full'],
  'host_ended',
])
