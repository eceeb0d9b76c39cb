import type { isCertainEnd, nodeMachine, workflowMachine } from '@covey/machines'
import { BudgetTable } from '../budget-table.js'
import type { Field, Model, State, Walk } from '../model.js'
import { Words } from '../words.js'
import { LeaderHappenings } from './leader-happenings.js'
import { type NameStep, NameSteps, namesMost } from './name-steps.js'
import { RunHappenings } from './run-happenings.js'
import { RunTable } from './run-table.js'
import { RunTraits } from './run-traits.js'
import { type Budget, bit, budgetKinds, type Name, type Run, unclaimed, unstarted } from './world.js'

/** What is modelled: one name, under which several processes are started. */
export interface NameOptions {
  readonly nodeMachine: typeof nodeMachine
  readonly workflowMachine: typeof workflowMachine
  readonly isCertainEnd: typeof isCertainEnd
  readonly runs: number
  readonly generationsMax: number
  /** All but the first process are told to take the name from whom they find. */
  readonly replace: boolean
  /** How often each may happen; `total` is how much of it in all. */
  readonly budgets: Partial<Record<Budget | 'total', number>>
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
  readonly #leader: LeaderHappenings
  readonly #steps: NameSteps
  readonly #traits: RunTraits
  readonly #budgets: BudgetTable<Budget>
  readonly #done: boolean[] = []

  /** @throws where there are more runs or generations than are told apart */
  constructor(options: NameOptions) {
    const { runs, generationsMax } = options
    if (runs > namesMost.runs || generationsMax > namesMost.generations)
      throw new Error(`${runs} runs of ${generationsMax} generations are more than are told apart`)
    this.#options = options
    this.#table = new RunTable(options.nodeMachine, options.replace)
    this.#leader = new LeaderHappenings(options.workflowMachine, options.isCertainEnd)
    this.#steps = new NameSteps(this.actions, new RunHappenings(this.#table), this.#leader)
    this.#traits = new RunTraits(this.#table, this.#steps.runs, options.generationsMax)
    this.#budgets = new BudgetTable(budgetKinds, options.budgets)
    this.fields = [
      ...[...Array(runs).keys()].map((run) => ({ name: `run ${run + 1}`, bits: 16 })),
      ...[
        { name: 'facts', bits: 16 },
        { name: 'work', bits: 12 },
        { name: 'what may still happen', bits: 8 },
      ],
    ]
  }

  start(): readonly number[] {
    const { runs, generationsMax } = this.#options
    const name = { generations: Array(generationsMax).fill(unclaimed), newestEver: 0 }
    const work = { machine: this.#leader.start(), orders: 0, words: 0, ended: 0, over: 0 }
    return [
      ...Array(runs).fill(this.#steps.runs.id(unstarted)),
      ...[this.#steps.names.id(name), this.#steps.works.id(work), this.#budgets.start],
    ]
  }

  successors(state: State, walk: Walk): void {
    const { runs } = this.#options
    const [name, work] = [state[runs] as number, state[runs + 1] as number]
    let open = 0
    let alive = 0
    let workers = 0
    for (let index = 0; index < runs; index += 1) {
      const { door, isAlive, working } = this.#traits.of(state[index] as number)
      if (door !== 0) open |= bit(door)
      if (isAlive) alive |= bit(index + 1)
      if (working !== 0) workers += 1
    }
    let isNext = true
    for (let index = 0; index < runs; index += 1) {
      const run = state[index] as number
      this.#takeAll(state, walk, index, this.#steps.alone(run, index, isNext))
      const { isBegun, isAlive, isLooking } = this.#traits.of(run)
      isNext = isBegun
      if (!isAlive) continue
      this.#takeAll(state, walk, index, this.#steps.underName(run, index, name, isLooking ? open : 0))
      this.#takeAll(state, walk, index, this.#steps.atWork(run, index, work, workers > 0))
    }
    this.#takeAll(state, walk, 0, this.#steps.ofLeader(name, work))
    this.#takeAll(state, walk, 0, this.#steps.onFacts(name, alive))
  }

  violation(): undefined {
    return undefined
  }

  isQuiet(state: State): boolean {
    const { runs } = this.#options
    let isDone = this.#isDone(state[runs + 1] as number)
    let living = 0
    let ended = 0
    for (let index = 0; index < runs; index += 1) {
      const { isAlive, isSpent, isAtRest, hasEnded } = this.#traits.of(state[index] as number)
      if (hasEnded) ended += 1
      if (!isAlive) continue
      if (!isAtRest) return false
      living += 1
      isDone ||= isSpent
    }
    return living === 0 ? ended === runs : isDone
  }

  tell(state: State): readonly string[] {
    const { runs } = this.#options
    const { machine } = this.#steps.works.at(state[runs + 1] as number)
    return [
      ...[...state.subarray(0, runs)].map((run, index) => this.#tellRun(this.#steps.runs.at(run), index)),
      `facts: ${tellFacts(this.#steps.names.at(state[runs] as number))}`,
      `the work is ${this.#leader.workflows.view(machine).value}`,
    ]
  }

  #takeAll(state: State, walk: Walk, index: number, steps: readonly NameStep[]): void {
    for (let at = 0; at < steps.length; at += 1) this.#take(state, walk, index, steps[at] as NameStep)
  }

  #take(state: State, walk: Walk, index: number, step: NameStep): void {
    const { runs } = this.#options
    const left = state[runs + 2] as number
    const after = step.spends === -1 ? left : this.#budgets.after(left, step.spends)
    if (after === -1) return
    const next = walk.begin()
    next[runs + 2] = after
    if (step.run !== -1) next[index] = step.run
    if (step.name !== -1) next[runs] = step.name
    if (step.work !== -1) next[runs + 1] = step.work
    if (step.stops !== -1) this.#stop(next, step.stops)
    walk.reach(step.word, step.broken)
  }

  /** No process works under that generation any more. */
  #stop(next: Int32Array, generation: number): void {
    for (let index = 0; index < this.#options.runs; index += 1) {
      const { working, stopped } = this.#traits.of(next[index] as number)
      if (working === generation) next[index] = stopped
    }
  }

  #isDone(work: number): boolean {
    const { machine } = this.#steps.works.at(work)
    this.#done[work] ??= this.#leader.workflows.view(machine).value === 'completed'
    return this.#done[work]
  }

  #tellRun(run: Run, index: number): string {
    const generation = this.#table.generationOf(run)
    return [
      `run ${index + 1} is ${this.#table.stateOf(run)}`,
      generation === 0 ? '' : `, generation ${generation}`,
      run.working === 0 ? '' : ', and runs the work',
    ].join('')
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
