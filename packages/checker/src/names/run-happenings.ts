import { isLongJoin, nodeEvents, nodeInput } from '../membership/node-table.js'
import type { RunTable } from './run-table.js'
import { RunTasks } from './run-tasks.js'
import { bit, gone, type Happening, type Name, type Run, type Work } from './world.js'

const workOnce = 'exclusive work runs in one process at a time (invariant 8, K15)'

/** What may happen to the processes of the name. */
export class RunHappenings {
  readonly #table: RunTable
  readonly #tasks: RunTasks

  constructor(table: RunTable) {
    this.#table = table
    this.#tasks = new RunTasks(table)
  }

  /** Whatever the facts are, and the work. Each is started some time after the one before it: then it is the next. */
  alone(run: Run, index: number, isNext: boolean): readonly Happening[] {
    if (run.machine !== 0) return [...this.#disturbed(run, index), ...this.#ringing(run, index)]
    if (run.hasEnded || !isNext) return []
    const { local } = this.#table.nodes.start(nodeInput(index + 1, this.#table.replaces(index)))
    const started = this.#table.tell({ ...run, machine: local }, this.#table.nodes.event(nodeEvents.start))
    return [{ word: `run ${index + 1} is started`, run: started }]
  }

  /** What comes of the facts of its name, while the doors of these generations are open: a bit for each. */
  underName(run: Run, index: number, name: Name, open: number): readonly Happening[] {
    if (run.machine === 0) return []
    return [...this.#tasks.of(run, index, name, open), ...this.#hearing(run, index, name)]
  }

  /** The order to run the work arrives, however late; the work ends. */
  atWork(run: Run, index: number, work: Work, isElsewhere: boolean): readonly Happening[] {
    if (run.machine === 0) return []
    const held = this.#table.generationOf(run)
    const happen = (word: string, working: number, change: Partial<Work>): Happening => ({
      word: `run ${index + 1} ${word}`,
      run: { ...run, working },
      work: { ...work, ...change },
    })
    if (run.working !== 0) return [happen('ends the work', 0, { words: work.words | bit(run.working) })]
    // A lease that is over is granted to no generation that has ended, and without one nothing exclusive starts (K7).
    const mayStart = this.#table.stateOf(run) === 'active' && (work.over & bit(held)) === 0
    if (!mayStart || (work.orders & bit(held)) === 0) return []
    const started = happen('starts the work', held, { orders: work.orders & ~bit(held) })
    return [{ ...started, broken: isElsewhere ? workOnce : undefined }]
  }

  /** It is killed, told to leave; and who drains stops the work before it says that it has drained. */
  #disturbed(run: Run, index: number): readonly Happening[] {
    const { nodes } = this.#table
    const tell = (to: Run, event: (typeof nodeEvents)[keyof typeof nodeEvents]): Run =>
      this.#table.tell(to, nodes.event(event))
    const word = (text: string): string => `run ${index + 1} ${text}`
    const stopped = { ...run, working: 0, isDraining: false }
    return [
      { word: word('is killed'), run: gone, spends: 'crashes' },
      ...(this.#table.stateOf(run) === 'leaving'
        ? []
        : [{ word: word('is told to leave'), run: tell(run, nodeEvents.leave), spends: 'leaves' } as const]),
      ...(run.isDraining ? [{ word: word('has drained'), run: tell(stopped, nodeEvents.drained) }] : []),
    ]
  }

  #ringing(run: Run, index: number): readonly Happening[] {
    const { nodes } = this.#table
    return nodes
      .rings(run.machine)
      .filter((ring) => !isLongJoin(nodes.text(ring), nodes.view(run.machine).context))
      .map((ring) => ({
        word: `run ${index + 1} has waited long enough`,
        run: this.#table.tell(run, ring),
      }))
  }

  /** Facts of its name, told at any time. */
  #hearing(run: Run, index: number, name: Name): readonly Happening[] {
    const { nodes } = this.#table
    const hear = (word: string, event: Parameters<typeof nodes.event>[0]): Happening => ({
      word: `run ${index + 1} reads that generation ${word}`,
      run: this.#table.tell(run, nodes.event(event)),
    })
    return name.generations.flatMap(({ joined, ended }, place) => {
      const generation = place + 1
      return [
        ...(joined === 0
          ? []
          : [
              hear(`${generation} has joined`, {
                type: 'successor.heard',
                generation,
                bootId: String(joined),
              }),
            ]),
        ...(ended === 'not'
          ? []
          : [hear(`${generation} has ended`, { type: 'departure.heard', generation, how: ended, atMs: 0 })]),
      ]
    })
  }
}
