import { createSubjects, defaultRetention, type Retention } from '@covey/protocol'
import { type JobScene, type JobsView, jobInvariants } from '@covey/simulator'

type Execution = JobsView['executions'][number]
type Told = JobsView['told'][number]
type Answer = JobsView['answers'][number]
type Work = Execution['work']
type Log = JobsView['logs']['all'][number]
type Credit = NonNullable<ReturnType<JobsView['words']['creditOf']>>
type Word = Log['words'][number]
type Turn = Log['turns']['all'][number]

/** A log of which a test says what stands in it. */
export interface StagedLog extends Omit<Log, 'losses' | 'turns'> {
  readonly losses: { isForgotten: boolean }
  readonly turns: { readonly all: Turn[]; readonly timesMs: number[]; timeAt(sequence: number): number }
}

/** As much of a workflow as an invariant knows before it has run. */
export interface StagedWorkflow {
  readonly job: string
  readonly sum: number
  readonly work: string
  readonly requires?: string[]
  readonly priority?: number
  readonly key?: string
  readonly isFirst?: boolean
  readonly bytes?: number
}

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
  /** When a copy of the stores was put back. */
  copiedAtMs = Number.NEGATIVE_INFINITY
  /** What the object store holds. */
  readonly objects: string[] = []
  readonly subjects = createSubjects('test')
  readonly workers: StagedWorker[] = ['w1', 'w2'].map((name, index) => this.#worker(name, index + 1))
  readonly executions: Execution[] = []
  readonly told: Told[] = []
  readonly answers: Answer[] = []
  readonly ends = new Map<string, { state: string; atMs: number; at: string }>()
  readonly gone = new Map<string, { atMs: number; at: string }>()
  readonly retention: { -readonly [Key in keyof Retention]: Retention[Key] } = { ...defaultRetention }
  readonly expiries: JobsView['expiries'][number][] = []
  readonly streams: JobsView['streams'] = { transitions: [], lists: [], progress: [], ended: [] }
  readonly sweeps: JobsView['sweeps'][number][] = []
  readonly totals: JobsView['totals'][number][] = []
  readonly counts: JobsView['counts'][number][] = []
  readonly accepted = new Map<string, number>()
  readonly refusals: JobsView['words']['refusals'][number][] = []
  /** When something was last wrong with any worker. */
  troubleAtMs = Number.NEGATIVE_INFINITY
  readonly expected: Map<string, StagedWorkflow> = new Map()
  /** What each generation of each worker has given to the leader of epoch 1 of each shard. */
  readonly credits: Map<number, Credit> = new Map([1, 2, 3].map((credit) => [credit, this.#credit()]))
  readonly log: StagedLog = this.#log(0)
  /** Of another shard, to which a test may give a job. */
  readonly otherLog: StagedLog = this.#log(1)
  /** All that is staged, as invariants look at it. */
  readonly jobs: JobsView
  readonly #invariants

  constructor() {
    const jobs = {
      executions: this.executions,
      running: () => this.executions.filter(({ endMs, place }) => endMs === undefined && !place.isDead),
      logs: {
        all: [this.log, this.otherLog],
        of: (id: string) =>
          this.otherLog.offered.has(id.slice(0, id.indexOf('/'))) ? this.otherLog : this.log,
      },
      told: this.told,
      ends: this.ends,
      gone: this.gone,
      retention: this.retention,
      expiries: this.expiries,
      answers: this.answers,
      sweeps: this.sweeps,
      streams: this.streams,
      readers: () => ['client0-1'],
      totals: this.totals,
      counts: this.counts,
      accepted: this.accepted,
      expected: this.expected,
      workflowsOf: (job: string) => [...this.expected.keys()].filter((id) => id.startsWith(`${job}/`)),
      words: {
        refusals: this.refusals,
        creditOf: (_: unknown, credit: number) => this.credits.get(credit),
        followedBy: () => undefined,
      },
      worker: () => this.view,
      passed: () => ({ leaseSinceMs: this.leaseSinceMs, granted: undefined }),
      reopened: this.reopened,
      lastCopyMs: () => this.copiedAtMs,
      objectNames: () => this.objects,
      hasJumped: (sinceMs: number) => this.jumpedAtMs >= sinceMs,
    }
    this.jobs = jobs as unknown as JobsView
    const world = { heap: { now: () => this.nowMs }, subjects: this.subjects }
    const lastTroubleMs = (): number => this.troubleAtMs
    const scene = { jobs, world, lastTroubleMs, changed: () => this.workers } as unknown as JobScene
    this.#invariants = jobInvariants.map((define) => define(scene))
  }

  get names(): readonly string[] {
    return this.#invariants.map(({ name }) => name)
  }

  look(name: string): readonly string[] {
    return this.#invariants.find((one) => one.name === name)?.look() ?? ['missing']
  }

  /** The log gives a workflow to a worker, at its next place. */
  assign(workflow: string, place: number, worker = 'w1', generation = 1, credits = [1]): string {
    const token = `1.1.${place}.0`
    const assignment = { token, workflow, worker, generation, credits, order: place }
    this.log.assignments.set(token, assignment)
    this.log.assignmentsAt.set(`${place}.0`, assignment)
    this.log.given.push(assignment)
    return token
  }

  /** A worker has given one more credit, to the leader of this epoch. */
  give(credit: number, epoch = 1, isGone = false): void {
    this.credits.set(credit, this.#credit(epoch, isGone))
  }

  /** The log has a word on an attempt, at this place. */
  say(at: string, word: Word): void {
    this.log.wordsAt.set(at, word)
    this.log.words.push(word)
    this.log.spoken.push(word.token)
  }

  /** Its function begins on a worker. */
  run(
    workflow: string,
    token: string,
    on = 0,
    work: Work = 'steady',
    seen: Partial<Pick<Execution, 'followed' | 'counted' | 'place'>> = {},
  ): { endMs: number | undefined } {
    const process = this.workers[on] as unknown as Execution['process']
    const about = { workflow, token, work, process, place: process, generation: process.generation }
    const unseen = { followed: undefined, counted: undefined, endMs: undefined }
    const execution = { ...about, startMs: this.nowMs, ...unseen, ...seen }
    this.executions.push(execution)
    return execution
  }

  /** A thread or process beside a worker. */
  beside(on = 0): { isDead: boolean; goesOnMs: number } & Execution['place'] {
    const place = {
      ...{ address: `a thread of ${this.workers[on]?.address}`, isDead: false, goesOnMs: 5_000 },
      goesOnForMs: () => place.goesOnMs,
    }
    return place as typeof place & Execution['place']
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

  #credit(epoch = 1, isGone = false): Credit {
    return { epochs: new Set([epoch]), isGone }
  }

  #log(shard: number): StagedLog {
    /** By the number of the message. */
    const timesMs: number[] = []
    return {
      ...{
        shard,
        offered: new Set(),
        offers: [],
        lost: new Set(),
        losses: { isForgotten: false },
        givenTwice: [],
        messages: [],
      },
      ...{ assignments: new Map(), assignmentsAt: new Map(), given: [], lostTokens: new Set(), spoken: [] },
      ...{ ended: new Map(), words: [], wordsAt: new Map(), stopped: new Map() },
      turns: { all: [], timesMs, timeAt: (sequence) => timesMs[sequence] ?? 0 },
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
