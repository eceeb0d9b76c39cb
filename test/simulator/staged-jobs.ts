import { type JobScene, type JobsView, jobInvariants } from '@covey/simulator'

type Execution = JobsView['executions'][number]
type Told = JobsView['told'][number]
type Answer = JobsView['answers'][number]
type Work = Execution['work']

/** As much of a process as an invariant of work looks at. */
export interface StagedWorker {
  readonly name: string
  readonly address: string
  readonly generation: number
  isDead: boolean
  /** For how long it has not stood still. */
  goesOnMs: number
  goesOnForMs(): number
  readonly clock: { now(): number }
  readonly env: { readonly timings: { readonly workerSelfFenceMs: number } }
}

const endStates = ['completed', 'failed', 'cancelled', 'skipped']

/** Work of which a test says what is seen of it, and the invariants that look at it. */
export class StagedJobs {
  nowMs = 1_000
  view = { slotsUsed: 0, slotsTotal: 3 }
  leaseSinceMs: number | undefined
  /** Jobs of which the log has lost entries, and when. */
  readonly reopened = new Map<string, number>()
  jumpedAtMs = Number.NEGATIVE_INFINITY
  readonly workers: StagedWorker[] = ['w1', 'w2'].map((name, index) => this.#worker(name, index + 1))
  readonly executions: Execution[] = []
  readonly told: Told[] = []
  readonly answers: Answer[] = []
  readonly ends = new Map<string, { state: string; atMs: number; at: string }>()
  readonly expected = new Map<string, { job: string; sum: number; work: string }>()
  readonly credits = new Map([[1, new Set([1, 2, 3])]])
  readonly log = this.#log(0)
  /** Of another shard, to which a test may give a job. */
  readonly otherLog = this.#log(1)
  readonly #invariants

  constructor() {
    const jobs = {
      executions: this.executions,
      running: () => this.executions.filter(({ endMs, process }) => endMs === undefined && !process.isDead),
      logs: {
        all: [this.log, this.otherLog],
        of: (id: string) =>
          this.otherLog.offered.has(id.slice(0, id.indexOf('/'))) ? this.otherLog : this.log,
      },
      told: this.told,
      ends: this.ends,
      answers: this.answers,
      expected: this.expected,
      worker: () => this.view,
      passed: () => ({ leaseSinceMs: this.leaseSinceMs, credits: this.credits }),
      reopened: this.reopened,
      hasJumped: (sinceMs: number) => this.jumpedAtMs >= sinceMs,
    }
    const world = { heap: { now: () => this.nowMs } }
    const scene = { jobs, world, changed: () => this.workers } as unknown as JobScene
    this.#invariants = jobInvariants.map((define) => define(scene))
  }

  get names(): readonly string[] {
    return this.#invariants.map(({ name }) => name)
  }

  look(name: string): readonly string[] {
    return this.#invariants.find((one) => one.name === name)?.look() ?? ['missing']
  }

  /** The log gives a workflow to a worker, at its next place. */
  assign(workflow: string, place: number, worker = 'w1', generation = 1): string {
    const token = `1.1.${place}.0`
    const credits = [1]
    this.log.assignments.set(token, { token, workflow, worker, generation, credits, order: place })
    return token
  }

  /** Its function begins on a worker. */
  run(workflow: string, token: string, on = 0, work: Work = 'steady'): { endMs: number | undefined } {
    const process = this.workers[on] as unknown as Execution['process']
    const about = { workflow, token, work, process, generation: process.generation }
    const execution = { ...about, startMs: this.nowMs, endMs: undefined }
    this.executions.push(execution)
    return execution
  }

  /** A leader tells of a step of a workflow. */
  tell(actor: string, from: string, event: string, to: string, at = '1.0'): void {
    const leader = { address: 'm1-1' } as Told['leader']
    this.told.push({ leader, kind: 'workflow', actor, from, event, to, shard: 0, at })
    if (endStates.includes(to) && !this.ends.has(actor))
      this.ends.set(actor, { state: to, atMs: this.nowMs, at })
  }

  answer(kind: Answer['kind'], about: string, said: string, value?: unknown): void {
    this.answers.push({ client: 'client0', kind, about, said, value })
  }

  #log(shard: number) {
    return {
      shard,
      offered: new Set<string>(),
      lost: new Set<string>(),
      givenTwice: [] as JobsView['logs']['all'][number]['givenTwice'][number][],
      messages: [] as JobsView['logs']['all'][number]['messages'][number][],
      assignments: new Map<string, unknown>(),
      ended: new Map<string, number>(),
      completions: new Map<string, { workflow: string; token: string }>(),
    }
  }

  #worker(name: string, process: number): StagedWorker {
    return {
      name,
      address: `${name}-${process}`,
      generation: 1,
      isDead: false,
      goesOnMs: 10_000,
      goesOnForMs() {
        return this.goesOnMs
      },
      clock: { now: () => this.nowMs },
      env: { timings: { workerSelfFenceMs: 6_000 } },
    }
  }
}
