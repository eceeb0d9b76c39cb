import type { isCertainEnd, WorkflowEvent, workflowMachine } from '@covey/machines'
import type { Policy } from '@covey/protocol'
import { MachineTable } from '../machine-table.js'
import { bit, generationOf, type Happening, newestOf, spend, type World, withGeneration } from './world.js'

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

  of(world: World, isAlive: (run: number) => boolean): readonly Happening[] {
    return [
      ...this.#assigning(world),
      ...this.#hearing(world),
      ...this.#ending(world),
      ...this.#departing(world, isAlive),
      ...this.#purging(world),
    ]
  }

  /** Its view may be old: a generation that is seen as active may have ended, or have a successor. */
  #assigning(world: World): readonly Happening[] {
    const { name, work } = world
    if (this.workflows.view(work.machine).value !== 'queued') return []
    return name.generations.flatMap(({ isActive }, place) => {
      const generation = place + 1
      if (!isActive || generation <= work.ended) return []
      const assigned = { token: String(generation), worker, generation, credits: [], policy }
      const next = this.#told(world, { type: 'workflow.assigned', ...assigned })
      const orders = work.orders | bit(generation)
      return [{ word: `the work is given to generation ${generation}`, world: withWork(next, { orders }) }]
    })
  }

  #hearing(world: World): readonly Happening[] {
    const { words } = world.work
    return world.name.generations.flatMap((_, place) => {
      const generation = place + 1
      if ((words & bit(generation)) === 0) return []
      const told = this.#told(world, { type: 'workflow.completed', token: String(generation) })
      return [
        {
          word: `the leader logs that generation ${generation} has ended the work`,
          world: withWork(told, { words: words & ~bit(generation) }),
        },
      ]
    })
  }

  /** The end of the generation that has the work is logged, and then the end of its lease (K8). */
  #ending(world: World): readonly Happening[] {
    const { value, context } = this.workflows.view(world.work.machine)
    const { generation } = context
    if (value !== 'assigned' && value !== 'fencing') return []
    const { ended } = generationOf(world.name, generation)
    const successor = newestOf(world.name) > generation ? 'superseded' : undefined
    const how = ended === 'not' ? successor : ended
    if (value === 'assigned') {
      if (how === undefined) return []
      const told = this.#told(world, { type: 'worker.ended', worker, generation })
      return [
        {
          word: `the leader logs that generation ${generation} is over: ${how}`,
          world: withWork(told, { ended: generation }),
        },
      ]
    }
    const told = this.#told(world, { type: 'lease.over', worker, generation })
    const over = { over: world.work.over | bit(generation) }
    // Before its lease is over here a worker has stopped what runs under it, by its own clock (K7).
    const runs = told.runs.map((run) => (run.working === generation ? { ...run, working: 0 } : run))
    return [
      { word: `the lease of generation ${generation} passes`, world: withWork({ ...told, runs }, over) },
      ...(how !== undefined && this.#isCertainEnd({ how, dirty: false })
        ? [
            {
              word: `the lease of generation ${generation} needs no waiting for`,
              world: withWork(told, over),
            },
          ]
        : []),
    ]
  }

  /** Others write that a generation has ended: its process is gone, or is taken for gone. */
  #departing(world: World, isAlive: (run: number) => boolean): readonly Happening[] {
    return world.name.generations.flatMap(({ joined, ended }, place) => {
      if (joined === 0 || ended !== 'not') return []
      const from = isAlive(joined) ? spend(world, 'silences') : world
      if (from === undefined) return []
      const name = withGeneration(world.name, place + 1, { ended: 'crashed' })
      return [{ word: `others write that generation ${place + 1} has crashed`, world: { ...from, name } }]
    })
  }

  /** Facts of an older generation are removed, all but what nobody can read: that it was opened. */
  #purging(world: World): readonly Happening[] {
    const newest = newestOf(world.name)
    return world.name.generations.flatMap(({ joined }, place) => {
      const from = joined !== 0 && place + 1 < newest ? spend(world, 'purges') : undefined
      if (from === undefined) return []
      const removed = { joined: 0, isActive: false, ended: 'not' } as const
      const name = withGeneration(world.name, place + 1, removed)
      return [{ word: `the facts of generation ${place + 1} are removed`, world: { ...from, name } }]
    })
  }

  #told(world: World, event: WorkflowEvent): World {
    const { local } = this.workflows.step(world.work.machine, this.workflows.event(event))
    return withWork(world, { machine: local })
  }
}

const withWork = (world: World, change: Partial<World['work']>): World => ({
  ...world,
  work: { ...world.work, ...change },
})
