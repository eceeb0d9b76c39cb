import { limits } from '@covey/protocol'
import type { Field, Model, State, Walk } from '../model.js'
import { Words } from '../words.js'
import { brokenBy, brokenIn } from './breaker-rules.js'
import { type BreakerStep, type BreakerWorld, stepsOf } from './breaker-steps.js'
import { type BreakerPlant, BreakerTable, type Deed } from './breaker-table.js'
import { born, noRequest, type WorkerRecord } from './worker-record.js'
import { WorkerRecords } from './worker-records.js'

/** What is modelled: the breakers of a manager, and one worker that it gives work to. */
export interface BreakerOptions {
  /** So many requests are open at once, in turn of each shard. */
  readonly requests: number
  /** Shards that the manager leads, each by a term of its own. */
  readonly shards: number
  /** With 1 its worker never ends. */
  readonly generations: 1 | 2
  readonly plants?: readonly BreakerPlant[]
}

interface Known {
  readonly word: number
  readonly step: BreakerStep
  readonly worker: number
}

/**
 * The breakers of one manager and what the leaders of its shards tell them of one worker, of which two generations live one
 * after the other. Words on requests come in any order, late, twice, or never; a rest may be over at any time.
 */
export class BreakerModel implements Model {
  readonly name = 'the breakers of a worker'
  readonly actions = new Words()
  readonly fields: readonly Field[] = [
    { name: 'breakers', bits: 12 },
    { name: 'worker', bits: 24 },
  ]
  readonly #table: BreakerTable
  readonly #workers = new WorkerRecords()
  readonly #world: BreakerWorld
  readonly #steps: (readonly Known[])[] = []
  readonly #rests: Known[] = []
  readonly #afterNews: number[] = []
  readonly #start: number
  readonly #isTimeless: boolean

  constructor({ requests, shards, generations, plants = [] }: BreakerOptions) {
    const planted = new Set(plants)
    this.#table = new BreakerTable(planted)
    this.#isTimeless = planted.has('time stands still')
    this.#world = {
      ...{ requests, shards, generations, failuresMax: limits.breakerFailuresMax },
      looksBefore: planted.has('looks a turn before it sends'),
      notesFailuresOnly: planted.has('notes failures only'),
    }
    this.#start = this.#workers.id(born(Array(requests).fill(noRequest), 1))
  }

  start(): readonly number[] {
    return [0, this.#start]
  }

  successors([local = 0, id = 0]: State, walk: Walk): void {
    const worker = this.#workers.at(id)
    const { admits, timers } = this.#table.look(local)
    this.#steps[id] ??= this.#stepsOf(worker)
    for (const known of this.#steps[id] as readonly Known[]) {
      const { step } = known
      if (step.isAsked === true && admits[worker.generation - 1] !== true) continue
      this.#take(local, known, walk)
    }
    if (timers === 0 || this.#isTimeless) return
    this.#rests[id] ??= this.#rest(id)
    this.#take(local, this.#rests[id] as Known, walk)
  }

  violation([local = 0, id = 0]: State): string | undefined {
    return brokenIn(this.#table.look(local), this.#workers.at(id))
  }

  /** No request is open, and whoever lives is trusted. */
  isQuiet([local = 0, id = 0]: State): boolean {
    const { generation, requests } = this.#workers.at(id)
    if (requests.some(({ stage }) => stage !== 'none')) return false
    return generation !== 0 && this.#table.look(local).states[generation - 1] === 'closed'
  }

  tell([local = 0, id = 0]: State): readonly string[] {
    const { states } = this.#table.look(local)
    const { requests } = this.#workers.at(id)
    return [
      `breakers of w.1 and w.2: ${states.join(', ')}`,
      ...requests.map(({ stage, generation }, place) => `request ${place} to w.${generation}: ${stage}`),
    ]
  }

  #stepsOf(worker: WorkerRecord): readonly Known[] {
    return stepsOf(worker, this.#world).map((step) => this.#known(step))
  }

  #known(step: BreakerStep): Known {
    return { step, word: this.actions.id(step.word), worker: this.#workers.id(step.worker) }
  }

  #rest(id: number): Known {
    const worker = { ...this.#workers.at(this.#news(id, -1)), isRested: true }
    return this.#known({ word: 'its rest is over', worker, deed: { kind: 'rest' } })
  }

  #take(local: number, { step, word, worker }: Known, walk: Walk): void {
    const next = walk.begin()
    next[1] = worker
    if (step.deed === undefined) {
      walk.reach(word)
      return
    }
    const done = this.#table.do(local, step.deed)
    const [before, after] = [this.#table.look(local), this.#table.look(done.local)]
    next[0] = done.local
    const broken = brokenBy({ step, before, after, isTold: done.isTold })
    const at = step.worker.generation - 1
    const [was, is] = [before.states[at], after.states[at]]
    if (was !== is) next[1] = this.#news(worker, openerOf(step.deed, was, is))
    walk.reach(word, broken)
  }

  /** The worker when there is news of it, or its breaker has changed: what was sent before is not what it waits for. */
  #news(id: number, opener: number): number {
    const key = id * (this.#world.requests + 1) + opener + 1
    const known = this.#afterNews[key]
    if (known !== undefined) return known
    const worker = this.#workers.at(id)
    const requests = worker.requests.map((request) => ({ ...request, isFresh: false }))
    const after = this.#workers.id({ ...worker, requests, opener })
    this.#afterNews[key] = after
    return after
  }
}

const openerOf = (deed: Deed | undefined, before = '', after = ''): number =>
  deed?.kind === 'taken' && before === 'open' && after === 'halfOpen' ? deed.place : -1
