import type { Interned } from '../interned.js'
import { PairMap } from '../pair-map.js'
import type { Input } from './mail.js'
import type { Post } from './post.js'
import type { ShardTables } from './shard-tables.js'
import { budgetKinds, type Manager } from './world.js'

/** One look of a leader at what it owes. */
interface Look {
  readonly look: number
  /** The workers to whom its grants mean nothing any more, each with its epoch. */
  readonly voids: readonly number[]
  /** What has become due, and what that takes of what may still happen. */
  readonly due: readonly { readonly input: number; readonly spends: number }[]
}

/** What a look at what is owed depends on: the leases and the outboxes of those of whose end a leader knows. */
export class Watches {
  readonly #tables: ShardTables
  readonly #post: Post
  readonly #managers: Interned<Manager>
  readonly #inputs: Interned<Input>
  readonly #keys = new PairMap<number>()
  readonly #watched: number[] = []
  readonly #keysFrom: number

  constructor(
    tables: ShardTables,
    parts: {
      readonly post: Post
      readonly managers: Interned<Manager>
      readonly inputs: Interned<Input>
    },
  ) {
    this.#tables = tables
    this.#post = parts.post
    this.#managers = parts.managers
    this.#inputs = parts.inputs
    this.#keysFrom = 2 ** tables.names.length
  }

  /** One number for all that a look depends on; -1 where the leader may not look. */
  keyOf(manager: number, over: number, voices: readonly number[]): number {
    const watched = this.#watchedBy(manager)
    if (watched === -1) return -1
    let key = over & watched
    for (let worker = 0; worker < voices.length; worker += 1) {
      if ((watched & (1 << worker)) === 0) continue
      const { stored } = this.#post.voices.at(voices[worker] as number)
      const before = key
      key = this.#keys.get(before, stored) ?? -1
      if (key !== -1) continue
      key = this.#keysFrom + this.#keys.size
      this.#keys.set(before, stored, key)
    }
    return key
  }

  lookOf(manager: number, allOver: number, voices: readonly number[]): Look {
    const { term } = this.#managers.at(manager)
    if (term === null) throw new Error('who leads nothing owes nothing')
    const watched = this.#watchedBy(manager)
    const over = allOver & watched
    const words = voices.flatMap((voice, worker) =>
      (watched & (1 << worker)) === 0
        ? []
        : this.#post.sets.at(this.#post.voices.at(voice).stored).flatMap((input) => {
            const word = this.#inputs.at(input)
            return word.kind === 'word' ? [{ from: word.from, report: word.report }] : []
          }),
    )
    return {
      look: this.#inputs.id({ kind: 'look', over, words }),
      voids: voices.flatMap((_, worker) => ((over & (1 << worker)) === 0 ? [] : [worker, term.epoch])),
      due: this.#tables.folds.view(term.fold).workflows.flatMap(({ id, state, armedAt }) => {
        if (armedAt === null) return []
        const spends = state === 'backingOff' ? -1 : budgetKinds.indexOf('timeouts')
        return [{ input: this.#inputs.id({ kind: 'due', workflow: id, armedAt }), spends }]
      }),
    }
  }

  /** The workers whose end a leader knows of: a bit for each; -1 where it may not look. */
  #watchedBy(manager: number): number {
    this.#watched[manager] ??= this.#watchedOf(this.#managers.at(manager))
    return this.#watched[manager] as number
  }

  #watchedOf(leader: Manager): number {
    const { term } = leader
    const { names, folds, managerHappenings } = this.#tables
    if (term === null || !term.assigns || !managerHappenings.mayTake(leader)) return -1
    const { ended } = folds.view(term.fold)
    const endings = managerHappenings.endingsOf(term)
    return names.reduce((mask, { worker: name, generation }, worker) => {
      const isOver = endings[worker] !== 0 || (ended.get(name) ?? 0) >= generation
      return isOver ? mask | (1 << worker) : mask
    }, 0)
  }
}
