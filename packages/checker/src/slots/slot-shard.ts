import type { Interned } from '../interned.js'
import type { NumberSets } from '../number-sets.js'
import { PairMap } from '../pair-map.js'
import type { Words } from '../words.js'
import type { LeaderRecord, LeaderTurn, SlotLeader } from './slot-leader.js'
import { type Renewal, type Said, type ToWorker, textOf, workflowOf } from './slot-words.js'
import type { SlotTurn, SlotWorker } from './slot-worker.js'

/** What is said, as numbers. */
export interface SlotTables {
  readonly words: Words
  readonly leaders: Interned<LeaderRecord>
  readonly messages: Interned<ToWorker>
  readonly said: Interned<Said>
  readonly renewals: Interned<Renewal>
  readonly sets: NumberSets
}

/** Something that may happen, and all that it changes; -1 and nothing where it changes nothing. */
export interface SlotStep {
  readonly word: number
  readonly broken: string | undefined
  readonly worker: number
  readonly leader: number
  /** What the leader says: a set of messages, and the grant that is under way from then on. */
  readonly mail: number
  readonly grant: number
  /** What the worker says in a shard: a word, and the renewal that is under way from then on. */
  readonly words: readonly { readonly shard: number; readonly word: number }[]
  readonly renewals: readonly { readonly shard: number; readonly renewal: number }[]
}

const still = { broken: undefined, worker: -1, leader: -1, mail: 0, grant: -1, words: [], renewals: [] }

/** What may happen in one shard, looked up by the parts of a state that it depends on. */
export class SlotShard {
  readonly #shard: number
  readonly #worker: SlotWorker
  readonly #leader: SlotLeader
  readonly #tables: SlotTables
  readonly #epochsMax: number
  readonly #byWorker: (readonly SlotStep[])[] = []
  readonly #byLeader: (readonly SlotStep[])[] = []
  readonly #heard = new PairMap<readonly SlotStep[]>()
  readonly #told = new PairMap<readonly SlotStep[]>()
  readonly #renewed = new PairMap<readonly SlotStep[]>()
  readonly #spoken = new PairMap<number>()
  readonly #sayable = new PairMap<number>()
  readonly #heardable = new PairMap<number>()

  constructor(options: {
    readonly shard: number
    readonly worker: SlotWorker
    readonly leader: SlotLeader
    readonly tables: SlotTables
    readonly epochsMax: number
  }) {
    this.#shard = options.shard
    this.#worker = options.worker
    this.#leader = options.leader
    this.#tables = options.tables
    this.#epochsMax = options.epochsMax
  }

  /** What the worker does by itself. */
  ofWorker(worker: number): readonly SlotStep[] {
    this.#byWorker[worker] ??= this.#ofWorker(worker)
    return this.#byWorker[worker] as readonly SlotStep[]
  }

  /** What the leader does by itself. */
  ofLeader(leader: number): readonly SlotStep[] {
    this.#byLeader[leader] ??= this.#turns(leader)
      .filter((turn) => this.#tables.leaders.id(turn.leader) !== leader)
      .map((turn) => this.#led(turn))
    return this.#byLeader[leader] as readonly SlotStep[]
  }

  /** The worker hears something of this shard. */
  hearing(worker: number, message: number): readonly SlotStep[] {
    return known(this.#heard, worker, message, () => {
      const heard = this.#tables.messages.at(message)
      const turn = this.#worker.hears(worker, this.#shard, heard)
      const isNothing = turn.worker === worker && turn.said.length + turn.renewals.length === 0
      return isNothing ? [] : [this.#done(turn, `hears in shard ${this.#shard}: ${textOf(heard)}`)]
    })
  }

  /** The leader hears a word; one that changes nothing is answered at once. */
  told(leader: number, said: number): readonly SlotStep[] {
    return known(this.#told, leader, said, () => {
      const turn = this.#leader.told(this.#tables.leaders.at(leader), this.#tables.said.at(said))
      return this.#tables.leaders.id(turn.leader) === leader ? [] : [this.#led(turn)]
    })
  }

  renewed(leader: number, renewal: number): readonly SlotStep[] {
    return known(this.#renewed, leader, renewal, () => [
      this.#led(this.#leader.renewed(this.#tables.leaders.at(leader), this.#tables.renewals.at(renewal))),
    ])
  }

  /** The words of the worker, with all that it may say again. */
  spoken(worker: number, words: number): number {
    return known(this.#spoken, worker, words, () => {
      const { said, sets } = this.#tables
      const again = this.#ended(worker).flatMap((turn) => (turn.worker === worker ? turn.said : []))
      return again.reduce((set, { what }) => sets.with(set, said.id(what)), words)
    })
  }

  /** What is under way to the worker, with all that the leader may say again. */
  mailed(leader: number, words: number, mail: number): number {
    const sayable = known(this.#sayable, leader, words, () => {
      const { leaders, messages, said, sets } = this.#tables
      const record = leaders.at(leader)
      const answers = sets.at(words).map((word) => this.#leader.told(record, said.at(word)))
      return [...this.#turns(leader), ...answers]
        .filter((turn) => leaders.id(turn.leader) === leader)
        .flatMap(({ says }) => says)
        .reduce((set, message) => sets.with(set, messages.id(message)), 0)
    })
    return this.#tables.sets.union(mail, sayable)
  }

  /** What is under way without orders of an older epoch than the worker knows: it heeds none. */
  heardable(worker: number, mail: number): number {
    return known(this.#heardable, worker, mail, () => {
      const floor = this.#worker.books(worker)[this.#shard]?.floor ?? 0
      const { messages, sets } = this.#tables
      return sets.of(
        sets.at(mail).filter((id) => {
          const message = messages.at(id)
          const { epoch } = message.kind === 'grant' ? message : message.command
          return epoch >= floor || this.hearing(worker, id).length > 0
        }),
      )
    })
  }

  #ofWorker(worker: number): readonly SlotStep[] {
    const running = this.#worker.running(worker).filter(({ shard }) => shard === this.#shard)
    const ends = running.map(({ token }) =>
      this.#done(this.#end(worker, token), `ends the code of ${token} of shard ${this.#shard}`),
    )
    const again = this.#ended(worker)
      .filter((turn) => turn.worker !== worker)
      .map((turn) => this.#done(turn, `says its word in shard ${this.#shard} again`))
    const renewal = this.#done(this.#worker.renews(worker, this.#shard), `renews in shard ${this.#shard}`)
    return [...ends, ...again, renewal]
  }

  #ended(worker: number): readonly SlotTurn[] {
    return this.#worker
      .ended(worker)
      .flatMap(({ shard, token }) => (shard === this.#shard ? [this.#end(worker, token)] : []))
  }

  #end(worker: number, token: string): SlotTurn {
    return this.#worker.ends(worker, this.#shard, token, workflowOf(this.#shard))
  }

  #turns(leader: number): readonly LeaderTurn[] {
    return this.#leader.alone(this.#tables.leaders.at(leader), this.#epochsMax)
  }

  #done({ worker, said, renewals, broken }: SlotTurn, word: string): SlotStep {
    return {
      ...{ ...still, word: this.#tables.words.id(`the worker ${word}`), broken, worker },
      words: said.map(({ shard, what }) => ({ shard, word: this.#tables.said.id(what) })),
      renewals: renewals.map(({ shard, what }) => ({ shard, renewal: this.#tables.renewals.id(what) + 1 })),
    }
  }

  #led({ word, leader, says }: LeaderTurn): SlotStep {
    const { words, leaders, messages, sets } = this.#tables
    const grant = says.find(({ kind }) => kind === 'grant')
    const mail = says.filter(({ kind }) => kind !== 'grant').map((message) => messages.id(message))
    return {
      ...{
        ...still,
        word: words.id(`the leader of shard ${this.#shard} ${word}`),
        leader: leaders.id(leader),
      },
      ...{ mail: sets.of(mail), grant: grant === undefined ? -1 : messages.id(grant) + 1 },
    }
  }
}

function known<TValue>(map: PairMap<TValue>, one: number, other: number, work: () => TValue): TValue {
  const found = map.get(one, other)
  if (found !== undefined) return found
  const value = work()
  map.set(one, other, value)
  return value
}
