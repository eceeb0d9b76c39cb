import type { nodeMachine } from '@covey/machines'
import { type NodeDeed, type NodeTable, nodeTable } from '../membership/node-table.js'
import { gone, type Run } from './world.js'

/** The processes of the name: each steps the production node machine, and does what it decides. */
export class RunTable {
  readonly nodes: NodeTable
  readonly #replace: boolean

  constructor(machine: typeof nodeMachine, replace: boolean) {
    this.nodes = nodeTable(machine)
    this.#replace = replace
  }

  /** Whether a run is told to take the name from whom it finds: all but the first may be. */
  replaces(index: number): boolean {
    return this.#replace && index > 0
  }

  /** The state of a run, `gone` where it does not run. */
  stateOf({ machine }: Run): string {
    return machine === 0 ? 'gone' : this.nodes.view(machine).value
  }

  /** The generation that it holds; 0 for none. */
  generationOf({ machine }: Run): number {
    return machine === 0 ? 0 : this.nodes.view(machine).context.generation
  }

  /** Tells a run of an event. */
  tell(run: Run, event: number): Run {
    const { local, plan } = this.nodes.step(run.machine, event)
    const told = plan.reduce(done, { ...run, machine: local })
    const value = this.stateOf(told)
    return value === 'departed' || value === 'failed' ? gone : told
  }
}

function done(run: Run, deed: NodeDeed): Run {
  switch (deed.kind) {
    case 'begin':
      return { ...run, task: deed.task }
    case 'drain':
      return { ...run, isDraining: true }
    case 'fence':
      return { ...run, working: 0 }
    case 'close':
      return { ...run, task: null, isDraining: false, door: 0 }
    default:
      return run
  }
}
