import { Interned } from '../interned.js'
import { PairMap } from '../pair-map.js'
import type { Words } from '../words.js'
import type { LeaderHappenings } from './leader-happenings.js'
import type { RunHappenings } from './run-happenings.js'
import { budgetKinds, type Happening, type Name, type Run, type Work } from './world.js'

/** A happening as it is walked: all of it numbers, -1 where it changes nothing. */
export interface NameStep {
  readonly word: number
  readonly broken: string | undefined
  readonly spends: number
  readonly run: number
  readonly name: number
  readonly work: number
  readonly stops: number
}

/** The parts of a state before what happens: -1 where it cannot depend on one. */
interface Parts {
  readonly run: number
  readonly name: number
  readonly work: number
}

const nothing: Parts = { run: -1, name: -1, work: -1 }
/** Bits for a run, and for a set of generations, in a key. */
const bitsOfIndex = 2
const bitsOfSet = 5
/** So many runs and generations are told apart. */
export const namesMost = { runs: 2 ** bitsOfIndex, generations: bitsOfSet - 1 }

type Steps = readonly NameStep[]

/** What may happen, looked up by the parts of a state that it depends on: each is worked out once, when they meet first. */
export class NameSteps {
  readonly runs = new Interned<Run>()
  readonly names = new Interned<Name>()
  readonly works = new Interned<Work>()
  readonly #words: Words
  readonly #happenings: RunHappenings
  readonly #leader: LeaderHappenings
  readonly #alone = new PairMap<Steps>()
  readonly #underName = new PairMap<Steps>()
  readonly #atWork = new PairMap<Steps>()
  readonly #ofLeader = new PairMap<Steps>()
  readonly #onFacts = new PairMap<Steps>()

  constructor(words: Words, happenings: RunHappenings, leader: LeaderHappenings) {
    this.#words = words
    this.#happenings = happenings
    this.#leader = leader
  }

  /** What comes of a run by itself; it is the next to be started. */
  alone(run: number, index: number, isNext: boolean): Steps {
    const key = index * 2 + (isNext ? 1 : 0)
    const known = this.#alone.get(run, key)
    if (known !== undefined) return known
    const happenings = this.#happenings.alone(this.runs.at(run), index, isNext)
    return this.#learned(this.#alone, run, key, this.#stepsOf(happenings, { ...nothing, run }))
  }

  /** What comes of a run and the facts; of open doors only who looks at its name knows. */
  underName(run: number, index: number, name: number, open: number): Steps {
    const key = (((name << bitsOfSet) | open) << bitsOfIndex) | index
    const known = this.#underName.get(run, key)
    if (known !== undefined) return known
    const happenings = this.#happenings.underName(this.runs.at(run), index, this.names.at(name), open)
    return this.#learned(this.#underName, run, key, this.#stepsOf(happenings, { ...nothing, run, name }))
  }

  /** What comes of a run and the work, which runs elsewhere or does not. */
  atWork(run: number, index: number, work: number, isElsewhere: boolean): Steps {
    const key = (((work << 1) | (isElsewhere ? 1 : 0)) << bitsOfIndex) | index
    const known = this.#atWork.get(run, key)
    if (known !== undefined) return known
    const happenings = this.#happenings.atWork(this.runs.at(run), index, this.works.at(work), isElsewhere)
    return this.#learned(this.#atWork, run, key, this.#stepsOf(happenings, { ...nothing, run, work }))
  }

  /** What the leader does. */
  ofLeader(name: number, work: number): Steps {
    const known = this.#ofLeader.get(name, work)
    if (known !== undefined) return known
    const happenings = this.#leader.atWork(this.names.at(name), this.works.at(work))
    return this.#learned(this.#ofLeader, name, work, this.#stepsOf(happenings, { ...nothing, name, work }))
  }

  /** What becomes of the facts, while these runs live. */
  onFacts(name: number, alive: number): Steps {
    const known = this.#onFacts.get(name, alive)
    if (known !== undefined) return known
    const happenings = this.#leader.onFacts(this.names.at(name), alive)
    return this.#learned(this.#onFacts, name, alive, this.#stepsOf(happenings, { ...nothing, name }))
  }

  #learned(map: PairMap<Steps>, one: number, other: number, steps: Steps): Steps {
    map.set(one, other, steps)
    return steps
  }

  /** All that is more than staying as it is. */
  #stepsOf(happenings: readonly Happening[], before: Parts): Steps {
    return happenings
      .map((happening) => this.#stepOf(happening))
      .filter(({ broken, spends, ...after }) => {
        const changes = (part: keyof Parts): boolean => after[part] !== -1 && after[part] !== before[part]
        return broken !== undefined || spends !== -1 || changes('run') || changes('name') || changes('work')
      })
  }

  #stepOf({ word, broken, spends, run, name, work, stops }: Happening): NameStep {
    return {
      word: this.#words.id(word),
      broken,
      spends: spends === undefined ? -1 : budgetKinds.indexOf(spends),
      run: run === undefined ? -1 : this.runs.id(run),
      name: name === undefined ? -1 : this.names.id(name),
      work: work === undefined ? -1 : this.works.id(work),
      stops: stops ?? -1,
    }
  }
}
