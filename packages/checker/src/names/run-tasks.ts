import type { NodeTable } from '../membership/node-table.js'
import { type RunTable, withRun } from './run-table.js'
import {
  type Generation,
  generationOf,
  type Happening,
  newestOf,
  type Run,
  spend,
  type World,
  withGeneration,
} from './world.js'

const heldTwice = 'a generation is held by one start of one process, for ever (invariant 10, K12)'
const newest = 'who opens a generation has won the newest that there was (K12)'
const yields = 'nobody joins under a name whose holder has answered, unless it is told to replace it (K15)'

/** What the effects of a process are busy with comes to its end: what it reads, and what it writes. */
export class RunTasks {
  readonly #table: RunTable

  constructor(table: RunTable) {
    this.#table = table
  }

  of(world: World, index: number, run: Run): readonly Happening[] {
    if (run.task === null) return []
    const { kind, generation } = run.task
    const free: Run = { ...run, task: null }
    if (kind === 'look') return this.#looking(world, index, free)
    if (kind === 'claim') return this.#claiming(world, index, free, generation)
    if (kind === 'settle') return [this.#settling(world, index, free, generation)]
    if (kind === 'open') return [this.#opening(world, index, free, generation)]
    return [this.#writing(world, index, free, kind, generation)]
  }

  /** The store may lag: any generation that once was the newest may be told, and its holder is asked. */
  #looking(world: World, index: number, run: Run): readonly Happening[] {
    const { name } = world
    return [...Array(name.newestEver + 1).keys()].flatMap((latest) => {
      const { joined, ended } = generationOf(name, latest)
      const mayLive = latest > 0 && ended === 'not' && joined !== index + 1
      const lives = mayLive && world.runs.some(({ door }) => door === latest && latest > 0)
      const hear = (from: World, answered: boolean): Happening => {
        const { wasActive } = this.#table.nodes.view(run.machine).context
        const mustYield = answered && (wasActive || !this.#table.replaces(index))
        const event = this.#table.nodes.event({ type: 'name.seen', latest, answered })
        const words = answered ? 'whose holder answers' : 'whose holder does not answer'
        return {
          word: `run ${index + 1} finds generation ${latest} of its name, ${words}`,
          world: withRun(from, index, this.#table.tell({ ...run, mustYield }, event)),
        }
      }
      const unheard = lives ? spend(world, 'silences') : undefined
      return [hear(world, lives), ...(unheard === undefined ? [] : [hear(unheard, false)])]
    })
  }

  /** A generation whose facts were removed can be created again. */
  #claiming(world: World, index: number, run: Run, generation: number): readonly Happening[] {
    const { name } = world
    if (generation > name.generations.length) return []
    const settling: Run = { ...run, task: { kind: 'settle', generation } }
    const word = `run ${index + 1} claims generation ${generation}`
    if (generationOf(name, generation).joined !== 0) return [{ word, world: withRun(world, index, settling) }]
    const joined = withGeneration(name, generation, { joined: index + 1 })
    const isBehind = name.newestEver > generation
    const won = withRun(world, index, { ...settling, isBehind })
    return [
      {
        word,
        world: { ...won, name: { ...joined, newestEver: Math.max(name.newestEver, generation) } },
        broken: run.mustYield ? yields : undefined,
      },
    ]
  }

  /** Who holds it and the newest there is, both by the leader of the store. */
  #settling(world: World, index: number, run: Run, generation: number): Happening {
    const { name } = world
    const { joined, ended } = generationOf(name, generation)
    // A generation that has ended before its claim was settled is nobody's.
    const beyond = newestOf(name) === generation && ended !== 'not' ? generation + 1 : newestOf(name)
    const latest = Math.max(generation, beyond)
    const event = { type: 'claim.settled', generation, holder: String(joined), latest } as const
    return {
      word: `run ${index + 1} reads who holds generation ${generation}`,
      world: this.#told(world, index, run, event),
    }
  }

  #opening(world: World, index: number, run: Run, generation: number): Happening {
    const { opened } = generationOf(world.name, generation)
    const isTwice = opened !== 0 && opened !== index + 1
    const behind = run.isBehind ? newest : undefined
    const opening = this.#told(
      world,
      index,
      { ...run, door: generation },
      { type: 'generation.opened', generation },
    )
    return {
      word: `run ${index + 1} opens generation ${generation}`,
      world: named(opening, generation, { opened: index + 1 }),
      broken: isTwice ? heldTwice : behind,
    }
  }

  #writing(world: World, index: number, run: Run, kind: Writing, generation: number): Happening {
    const say = (word: string, next: World): Happening => ({ word: `run ${index + 1} ${word}`, world: next })
    if (kind === 'greet') {
      const greeted = this.#told(world, index, run, { type: 'peers.greeted', generation })
      return say('has greeted the active peers', greeted)
    }
    if (kind === 'announce') {
      const told = this.#told(world, index, run, { type: 'active.announced', generation })
      return say(
        `writes that generation ${generation} is active`,
        named(told, generation, { isActive: true }),
      )
    }
    if (kind === 'goodbye' || generation === 0) return say('says goodbye', withRun(world, index, run))
    const { ended } = generationOf(world.name, generation)
    const told = this.#told(world, index, run, { type: 'departure.written' })
    return say(
      `writes that generation ${generation} has left`,
      named(told, generation, { ended: ended === 'not' ? 'left' : ended }),
    )
  }

  #told(world: World, index: number, run: Run, event: Parameters<NodeTable['event']>[0]): World {
    return withRun(world, index, this.#table.tell(run, this.#table.nodes.event(event)))
  }
}

type Writing = 'greet' | 'announce' | 'goodbye' | 'depart'

const named = (world: World, generation: number, change: Partial<Generation>): World => ({
  ...world,
  name: withGeneration(world.name, generation, change),
})
