import type { isCertainEnd, WorkflowEvent, workflowMachine } from '@covey/machines'
import type { Policy } from '@covey/protocol'
import { MachineTable } from '../machine-table.js'
import { bit, generationOf, type Happening, type Name, newestOf, type Work, withGeneration } from './world.js'

const worker = 'node'
const policy: Policy = {
  ...{ version: '1', slots: 1, exclusive: true, timeoutMs: 1, attempts: 1 },
  ...{ backoffMs: 1, backoffFactor: 1, backoffMaxMs: 1 },
}

/** What the leader of the work does, and what others write about the name. */
export class LeaderHappenings {
  readonly workflows: MachineTable<typeof workflowMachine, undefined>
  readonly #isCertainEnd: typeof isCertainEnd

  constructor(machine: typeof workflowMachine, certain: typeof isCertainEnd) {
    this.#isCertainEnd = certain
    this.workflows = new MachineTable({
      machine,
      // How often it was lost, and why, decides nothing here: the limits are far away.
      forget: (context) => ({ ...context, attempt: 0, lost: 0, failures: 0, error: null }),
      plan: () => undefined,
    })
  }

  /** A workflow that waits for a worker. */
  start(): number {
    return this.workflows.step(
      this.workflows.start(undefined).local,
      this.workflows.event({ type: 'dependencies.done' }),
    ).local
  }

  /** What the leader does about the work, as it knows the name. */
  atWork(name: Name, work: Work): readonly Happening[] {
    return [...this.#assigning(name, work), ...this.#hearing(name, work), ...this.#ending(name, work)]
  }

  /** What becomes of the facts of the name, while these runs live: a bit for each. */
  onFacts(name: Name, alive: number): readonly Happening[] {
    return [...this.#departing(name, alive), ...this.#purging(name)]
  }

  /** Its view may be old: a generation that is seen as active may have ended, or have a successor. */
  #assigning({ generations }: Name, work: Work): readonly Happening[] {
    if (this.workflows.view(work.machine).value !== 'queued') return []
    return generations.flatMap(({ isActive }, place) => {
      const generation = place + 1
      if (!isActive || generation <= work.ended) return []
      const assigned = { token: String(generation), worker, generation, credits: [], policy }
      const next = this.#told(work, { type: 'workflow.assigned', ...assigned })
      const orders = work.orders | bit(generation)
      return [{ word: `the work is given to generation ${generation}`, work: { ...next, orders } }]
    })
  }

  #hearing({ generations }: Name, work: Work): readonly Happening[] {
    return generations.flatMap((_, place) => {
      const generation = place + 1
      if ((work.words & bit(generation)) === 0) return []
      const told = this.#told(work, { type: 'workflow.completed', token: String(generation) })
      return [
        {
          word: `the leader logs that generation ${generation} has ended the work`,
          work: { ...told, words: work.words & ~bit(generation) },
        },
      ]
    })
  }

  /** The end of the generation that has the work is logged, and then the end of its lease (K8). */
  #ending(name: Name, work: Work): readonly Happening[] {
    const { value, context } = this.workflows.view(work.machine)
    const { generation } = context
    if (value !== 'assigned' && value !== 'fencing') return []
    const { ended } = generationOf(name, generation)
    const successor = newestOf(name) > generation ? 'superseded' : undefined
    const how = ended === 'not' ? successor : ended
    if (value === 'assigned') {
      if (how === undefined) return []
      const told = this.#told(work, { type: 'worker.ended', worker, generation })
      return [
        {
          word: `the leader logs that generation ${generation} is over: ${how}`,
          work: { ...told, ended: generation },
        },
      ]
    }
    const told = this.#told(work, { type: 'lease.over', worker, generation })
    const over = { ...told, over: work.over | bit(generation) }
    return [
      // Before its lease is over here a worker has stopped what runs under it, by its own clock (K7).
      { word: `the lease of generation ${generation} passes`, work: over, stops: generation },
      ...(how !== undefined && this.#isCertainEnd({ how, dirty: false })
        ? [{ word: `the lease of generation ${generation} needs no waiting for`, work: over }]
        : []),
    ]
  }

  /** Others write that a generation has ended: its process is gone, or is taken for gone. */
  #departing(name: Name, alive: number): readonly Happening[] {
    return name.generations.flatMap(({ joined, ended }, place): Happening[] => {
      if (joined === 0 || ended !== 'not') return []
      const isAlive = (alive & bit(joined)) !== 0
      return [
        {
          word: `others write that generation ${place + 1} has crashed`,
          name: withGeneration(name, place + 1, { ended: 'crashed' }),
          ...(isAlive ? { spends: 'silences' } : {}),
        },
      ]
    })
  }

  /** Facts of an older generation are removed, all but what nobody can read: that it was opened. */
  #purging(name: Name): readonly Happening[] {
    const newest = newestOf(name)
    const removed = { joined: 0, isActive: false, ended: 'not' } as const
    return name.generations.flatMap(({ joined }, place): Happening[] =>
      joined === 0 || place + 1 >= newest
        ? []
        : [
            {
              word: `the facts of generation ${place + 1} are removed`,
              name: withGeneration(name, place + 1, removed),
              spends: 'purges',
            },
          ],
    )
  }

  #told(work: Work, event: WorkflowEvent): Work {
    return { ...work, machine: this.workflows.step(work.machine, this.workflows.event(event)).local }
  }
}
