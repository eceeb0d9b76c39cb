import type { EndKind } from '@covey/protocol'
import { nodeEvents, nodeInput } from '../membership/node-table.js'
import { type RunTable, withRun } from './run-table.js'
import { RunTasks } from './run-tasks.js'
import { bit, gone, type Happening, type Run, spend, type World } from './world.js'

const workOnce = 'exclusive work runs in one process at a time (invariant 8, K15)'

/** What may happen to the processes of the name. */
export class RunHappenings {
  readonly #table: RunTable
  readonly #tasks: RunTasks

  constructor(table: RunTable) {
    this.#table = table
    this.#tasks = new RunTasks(table)
  }

  of(world: World, index: number): readonly Happening[] {
    const run = world.runs[index] as Run
    if (run.hasEnded) return []
    if (run.machine === 0) return this.#starting(world, index)
    return [
      ...this.#disturbed(world, index, run),
      ...this.#tasks.of(world, index, run),
      ...this.#working(world, index, run),
      ...this.#draining(world, index, run),
      ...this.#hearing(world, index, run),
    ]
  }

  /** Each is started some time after the one before it. */
  #starting(world: World, index: number): readonly Happening[] {
    const before = world.runs[index - 1]
    if (before !== undefined && before.machine === 0 && !before.hasEnded) return []
    const run = world.runs[index] as Run
    const { local } = this.#table.nodes.start(nodeInput(index + 1, this.#table.replaces(index)))
    const started = this.#table.tell({ ...run, machine: local }, this.#table.nodes.event(nodeEvents.start))
    return [{ word: `run ${index + 1} is started`, world: withRun(world, index, started) }]
  }

  #disturbed(world: World, index: number, run: Run): readonly Happening[] {
    const crashed = spend(world, 'crashes')
    const left = this.#table.stateOf(run) === 'leaving' ? undefined : spend(world, 'leaves')
    const leaves = this.#table.tell(run, this.#table.nodes.event(nodeEvents.leave))
    return [
      ...(crashed ? [{ word: `run ${index + 1} is killed`, world: withRun(crashed, index, gone) }] : []),
      ...(left ? [{ word: `run ${index + 1} is told to leave`, world: withRun(left, index, leaves) }] : []),
    ]
  }

  /** The order to run the work arrives, however late; the work ends. */
  #working(world: World, index: number, run: Run): readonly Happening[] {
    const { work } = world
    const held = this.#table.generationOf(run)
    const happen = (word: string, working: number, change: Partial<World['work']>): Happening => ({
      word: `run ${index + 1} ${word}`,
      world: { ...withRun(world, index, { ...run, working }), work: { ...work, ...change } },
    })
    if (run.working !== 0) return [happen('ends the work', 0, { words: work.words | bit(run.working) })]
    // A lease that is over is granted to no generation that has ended, and without one nothing exclusive starts (K7).
    const mayStart = this.#table.stateOf(run) === 'active' && (work.over & bit(held)) === 0
    if (!mayStart || (work.orders & bit(held)) === 0) return []
    const isElsewhere = world.runs.some(({ working }) => working !== 0)
    const started = happen('starts the work', held, { orders: work.orders & ~bit(held) })
    return [{ ...started, broken: isElsewhere ? workOnce : undefined }]
  }

  /** Who drains stops the work before it says that it has drained. */
  #draining(world: World, index: number, run: Run): readonly Happening[] {
    if (!run.isDraining) return []
    const stopped = { ...run, working: 0, isDraining: false }
    const drained = this.#table.tell(stopped, this.#table.nodes.event(nodeEvents.drained))
    return [{ word: `run ${index + 1} has drained`, world: withRun(world, index, drained) }]
  }

  /** Facts of its name, told at any time; and its timers. */
  #hearing(world: World, index: number, run: Run): readonly Happening[] {
    const hear = (word: string, event: number): Happening => ({
      word: `run ${index + 1} ${word}`,
      world: withRun(world, index, this.#table.tell(run, event)),
    })
    const facts = world.name.generations.flatMap(({ joined, ended }, place) => {
      const generation = place + 1
      const how: EndKind | undefined = ended === 'not' ? undefined : ended
      return [
        ...(joined === 0
          ? []
          : [
              hear(
                `reads that generation ${generation} has joined`,
                this.#table.nodes.event({ type: 'successor.heard', generation, bootId: String(joined) }),
              ),
            ]),
        ...(how === undefined
          ? []
          : [
              hear(
                `reads that generation ${generation} has ended`,
                this.#table.nodes.event({ type: 'departure.heard', generation, how, atMs: 0 }),
              ),
            ]),
      ]
    })
    const rings = this.#table.nodes
      .rings(run.machine)
      .filter((ring) => !this.#table.nodes.text(ring).includes('joinDeadlineMs'))
      .map((ring) => hear('has waited long enough', ring))
    return [...facts, ...rings]
  }
}
