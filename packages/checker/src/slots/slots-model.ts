import type { workerMachine } from '@covey/machines'
import { Interned } from '../interned.js'
import type { Field, Model, State, Walk } from '../model.js'
import { NumberSets } from '../number-sets.js'
import { Words } from '../words.js'
import { firstLeader, type LeaderRecord, SlotLeader } from './slot-leader.js'
import { SlotShard, type SlotStep, type SlotTables } from './slot-shard.js'
import { SlotWorker } from './slot-worker.js'

/** What is modelled: a worker, and the leaders of the shards that share its slots. */
export interface SlotsOptions {
  readonly workerMachine: typeof workerMachine
  readonly slots: number
  /** For each shard whether it has a job. */
  readonly jobs: readonly boolean[]
  /** For each shard how many leaders it has at most, one after the other. */
  readonly epochs: readonly number[]
  /** So often a job is assigned at most. */
  readonly tokensMax: number
  /** A leader never gives back what it was asked for: a fault that is planted. */
  readonly keepsReturned?: boolean
}

/** Fields of each shard: its leader, what is under way to the worker, what that has said, its last renewal, the last grant. */
const ofShard = 5

/**
 * A worker of several shards, and their leaders, of which each may change at any moment. Whatever is said may come late,
 * twice, out of order, or never; of renewals and grants only the last is under way. What can be said at any time is said
 * at once.
 */
export class SlotsModel implements Model {
  readonly name = 'a worker of several shards'
  readonly fields: readonly Field[]
  readonly #options: SlotsOptions
  readonly #worker: SlotWorker
  readonly #shards: readonly SlotShard[]
  readonly #tables: SlotTables = {
    words: new Words(),
    leaders: new Interned<LeaderRecord>(),
    messages: new Interned(),
    said: new Interned(),
    renewals: new Interned(),
    sets: new NumberSets(),
  }
  readonly #opening: readonly (readonly number[])[]

  constructor(options: SlotsOptions) {
    const { epochs, slots, tokensMax, keepsReturned = false } = options
    const tables = this.#tables
    this.#options = options
    const worker = new SlotWorker(options.workerMachine, epochs.length, slots)
    this.#worker = worker
    const leaders = epochs.map((_, shard) => new SlotLeader(shard, tokensMax, keepsReturned))
    this.#opening = leaders.map((leader, shard) => {
      const first = firstLeader(options.jobs[shard] === true)
      return [tables.leaders.id(first), tables.sets.of([tables.messages.id(leader.opening(first))])]
    })
    this.#shards = leaders.map(
      (leader, shard) => new SlotShard({ shard, worker, leader, tables, epochsMax: epochs[shard] ?? 1 }),
    )
    this.fields = [
      { name: 'worker', bits: 18 },
      ...leaders.flatMap((_, shard) =>
        ['leader', 'mail', 'words', 'renewal', 'grant'].map((name) => ({
          name: `${name} of ${shard}`,
          bits: 12,
        })),
      ),
    ]
  }

  get actions(): Words {
    return this.#tables.words
  }

  start(): readonly number[] {
    return [this.#worker.start, ...this.#opening.flatMap((opening) => [...opening, 0, 0, 0])]
  }

  successors(state: State, walk: Walk): void {
    const { sets } = this.#tables
    const worker = state[0] as number
    for (const [number, shard] of this.#shards.entries()) {
      const at = place(number)
      const [leader, mail, words] = [state[at] as number, state[at + 1] as number, state[at + 2] as number]
      const [renewal, grant] = [state[at + 3] as number, state[at + 4] as number]
      this.#take(walk, at, shard.ofWorker(worker))
      for (const message of sets.at(mail)) this.#take(walk, at, shard.hearing(worker, message))
      if (grant > 0) this.#take(walk, at, shard.hearing(worker, grant - 1))
      this.#take(walk, at, shard.ofLeader(leader))
      for (const word of sets.at(words)) this.#take(walk, at, shard.told(leader, word))
      if (renewal > 0) this.#take(walk, at, shard.renewed(leader, renewal - 1))
    }
  }

  violation(): undefined {
    return undefined
  }

  /** Every job has ended, or may be given out no more, and nothing runs. */
  isQuiet(state: State): boolean {
    if (this.#worker.running(state[0] as number).length > 0) return false
    return this.#shards.every((_, shard) => {
      const { job, given } = this.#leader(state, shard)
      return job === 'ended' || (job === 'waits' && given >= this.#options.tokensMax)
    })
  }

  normalise(state: Int32Array): void {
    for (const [number, shard] of this.#shards.entries()) {
      const at = place(number)
      const worker = state[0] as number
      state[at + 2] = shard.spoken(worker, state[at + 2] as number)
      const mail = shard.mailed(state[at] as number, state[at + 2] as number, state[at + 1] as number)
      state[at + 1] = shard.heardable(worker, mail)
    }
  }

  tell(state: State): readonly string[] {
    const books = this.#worker.books(state[0] as number)
    return this.#shards.flatMap((_, shard) => {
      const { epoch, job } = this.#leader(state, shard)
      const held = [...(books[shard]?.attempts.keys() ?? [])].join() || 'nothing'
      return [
        `shard ${shard}: epoch ${epoch}, its job ${job}`,
        `the worker in shard ${shard}: quota ${books[shard]?.quota}, it knows ${held}`,
      ]
    })
  }

  #leader(state: State, shard: number): LeaderRecord {
    return this.#tables.leaders.at(state[place(shard)] as number)
  }

  #take(walk: Walk, at: number, steps: readonly SlotStep[]): void {
    const { sets } = this.#tables
    for (const { word, worker, broken, leader, mail, grant, words, renewals } of steps) {
      const next = walk.begin()
      if (worker !== -1) next[0] = worker
      if (leader !== -1) next[at] = leader
      if (mail !== 0) next[at + 1] = sets.union(next[at + 1] as number, mail)
      if (grant !== -1) next[at + 4] = grant
      for (const said of words) {
        const to = place(said.shard) + 2
        next[to] = sets.with(next[to] as number, said.word)
      }
      for (const { shard, renewal } of renewals) next[place(shard) + 3] = renewal
      walk.reach(word, broken)
    }
  }
}

const place = (shard: number): number => 1 + shard * ofShard
