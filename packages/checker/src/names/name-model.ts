import type { isCertainEnd, nodeMachine, workflowMachine } from '@covey/machines'
import { Interned } from '../interned.js'
import type { Field, Model, State, Walk } from '../model.js'
import { Words } from '../words.js'
import { LeaderHappenings } from './leader-happenings.js'
import { RunHappenings } from './run-happenings.js'
import { RunTable } from './run-table.js'
import { type Left, type Name, type Run, unclaimed, unstarted, type Work, type World } from './world.js'

/** What is modelled: one name, under which several processes are started. */
export interface NameOptions {
  readonly nodeMachine: typeof nodeMachine
  readonly workflowMachine: typeof workflowMachine
  readonly isCertainEnd: typeof isCertainEnd
  readonly runs: number
  readonly generationsMax: number
  /** All but the first process are told to take the name from whom they find. */
  readonly replace: boolean
  readonly budgets: Partial<Left>
}

/**
 * One name and the processes that are started under it, at once or one after another, with one exclusive workflow that
 * its leader gives to whoever has the name (K12, K15). The store of facts lags when it is asked for the newest generation,
 * and facts of older generations are removed while there is a newer one. All may stay when no process runs, or the one
 * that does is active and the work is done.
 */
export class NameModel implements Model {
  readonly name = 'one name'
  readonly actions = new Words()
  readonly fields: readonly Field[]
  readonly #options: NameOptions
  readonly #table: RunTable
  readonly #runs: RunHappenings
  readonly #leader: LeaderHappenings
  readonly #runRecords = new Interned<Run>()
  readonly #names = new Interned<Name>()
  readonly #works = new Interned<Work>()
  readonly #lefts = new Interned<Left>()

  constructor(options: NameOptions) {
    this.#options = options
    this.#table = new RunTable(options.nodeMachine, options.replace)
    this.#runs = new RunHappenings(this.#table)
    this.#leader = new LeaderHappenings(options.workflowMachine, options.isCertainEnd)
    this.fields = [
      ...[...Array(options.runs).keys()].map((run) => ({ name: `run ${run + 1}`, bits: 16 })),
      ...[
        { name: 'facts', bits: 16 },
        { name: 'work', bits: 12 },
        { name: 'what may still happen', bits: 8 },
      ],
    ]
  }

  start(): readonly number[] {
    const { runs, generationsMax, budgets } = this.#options
    return this.#pack({
      runs: Array(runs).fill(unstarted),
      name: { generations: Array(generationsMax).fill(unclaimed), newestEver: 0 },
      work: { machine: this.#leader.start(), orders: 0, words: 0, ended: 0, over: 0 },
      left: { crashes: 0, leaves: 0, silences: 0, purges: 0, ...budgets },
    })
  }

  successors(state: State, walk: Walk): void {
    const world = this.#unpack(state)
    const isAlive = (run: number): boolean => world.runs[run - 1]?.machine !== 0
    const all = [
      ...world.runs.flatMap((_, index) => this.#runs.of(world, index)),
      ...this.#leader.of(world, isAlive),
    ]
    for (const { word, world: next, broken } of all) {
      walk.begin().set(this.#pack(next))
      walk.reach(this.actions.id(word), broken)
    }
  }

  violation(): undefined {
    return undefined
  }

  isQuiet(state: State): boolean {
    const { runs, work } = this.#unpack(state)
    const alive = runs.filter(({ machine }) => machine !== 0)
    if (alive.length === 0) return runs.every(({ hasEnded }) => hasEnded)
    const isDone = this.#leader.workflows.view(work.machine).value === 'completed'
    if (!isDone && !alive.some((run) => this.#isSpent(run))) return false
    return alive.every(
      (run) => this.#isSpent(run) || (run.task === null && this.#table.stateOf(run) === 'active'),
    )
  }

  tell(state: State): readonly string[] {
    const { runs, name, work } = this.#unpack(state)
    return [
      ...runs.map((run, index) => this.#tellRun(run, index)),
      `facts: ${tellFacts(name)}`,
      `the work is ${this.#leader.workflows.view(work.machine).value}`,
    ]
  }

  /** The model has no more generations to give: who claims another stands for all that would follow. */
  #isSpent({ task }: Run): boolean {
    return task?.kind === 'claim' && task.generation > this.#options.generationsMax
  }

  #tellRun(run: Run, index: number): string {
    const generation = this.#table.generationOf(run)
    return [
      `run ${index + 1} is ${this.#table.stateOf(run)}`,
      generation === 0 ? '' : `, generation ${generation}`,
      run.working === 0 ? '' : ', and runs the work',
    ].join('')
  }

  #pack({ runs, name, work, left }: World): number[] {
    return [
      ...runs.map((run) => this.#runRecords.id(run)),
      ...[this.#names.id(name), this.#works.id(work), this.#lefts.id(left)],
    ]
  }

  #unpack(state: State): World {
    const { runs } = this.#options
    const [name = 0, work = 0, left = 0] = state.subarray(runs)
    return {
      runs: [...state.subarray(0, runs)].map((run) => this.#runRecords.at(run)),
      name: this.#names.at(name),
      work: this.#works.at(work),
      left: this.#lefts.at(left),
    }
  }
}

function tellFacts({ generations }: Name): string {
  const texts = generations.flatMap(({ joined, isActive, ended }, place) => [
    ...(joined === 0 ? [] : [`joined.${place + 1} by run ${joined}`]),
    ...(isActive ? [`active.${place + 1}`] : []),
    ...(ended === 'not' ? [] : [`departed.${place + 1} (${ended})`]),
  ])
  return texts.length === 0 ? 'none' : texts.join(', ')
}
