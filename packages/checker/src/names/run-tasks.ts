import type { NodeTable } from '../membership/node-table.js'
import type { RunTable } from './run-table.js'
import { bit, generationOf, type Happening, type Name, newestOf, type Run, withGeneration } from './world.js'

const heldTwice = 'a generation is held by one start of one process, for ever (invariant 10, K12)'
const newest = 'who opens a generation has won the newest that there was (K12)'
const yields = 'nobody joins under a name whose holder has answered, unless it is told to replace it (K15)'

/** What the effects of a process are busy with comes to its end: what it reads, and what it writes. */
export class RunTasks {
  readonly #table: RunTable

  constructor(table: RunTable) {
    this.#table = table
  }

  of(run: Run, index: number, name: Name, open: number): readonly Happening[] {
    if (run.task === null) return []
    const { kind, generation } = run.task
    const free: Run = { ...run, task: null }
    if (kind === 'look') return this.#looking(free, index, name, open)
    if (kind === 'claim') return this.#claiming(free, index, name, generation)
    if (kind === 'settle') return [this.#settling(free, index, name, generation)]
    if (kind === 'open') return [this.#opening(free, index, name, generation)]
    return [this.#writing(free, index, name, kind, generation)]
  }

  /** The store may lag: any generation that once was the newest may be told, and its holder is asked. */
  #looking(run: Run, index: number, name: Name, open: number): readonly Happening[] {
    const { wasActive } = this.#table.nodes.view(run.machine).context
    return [...Array(name.newestEver + 1).keys()].flatMap((latest) => {
      const { joined, ended } = generationOf(name, latest)
      const mayLive = latest > 0 && ended === 'not' && joined !== index + 1
      const lives = mayLive && (open & bit(latest)) !== 0
      const hear = (answered: boolean): Happening => {
        const mustYield = answered && (wasActive || !this.#table.replaces(index))
        const words = answered ? 'whose holder answers' : 'whose holder does not answer'
        return {
          word: `run ${index + 1} finds generation ${latest} of its name, ${words}`,
          run: this.#told({ ...run, mustYield }, { type: 'name.seen', latest, answered }),
        }
      }
      return lives ? [hear(true), { ...hear(false), spends: 'silences' as const }] : [hear(false)]
    })
  }

  /** A generation whose facts were removed can be created again. */
  #claiming(run: Run, index: number, name: Name, generation: number): readonly Happening[] {
    if (generation > name.generations.length) return []
    const settling: Run = { ...run, task: { kind: 'settle', generation } }
    const word = `run ${index + 1} claims generation ${generation}`
    if (generationOf(name, generation).joined !== 0) return [{ word, run: settling }]
    const joined = withGeneration(name, generation, { joined: index + 1 })
    return [
      {
        word,
        run: { ...settling, isBehind: name.newestEver > generation },
        name: { ...joined, newestEver: Math.max(name.newestEver, generation) },
        broken: run.mustYield ? yields : undefined,
      },
    ]
  }

  /** Who holds it and the newest there is, both by the leader of the store. */
  #settling(run: Run, index: number, name: Name, generation: number): Happening {
    const { joined, ended } = generationOf(name, generation)
    // A generation that has ended before its claim was settled is nobody's.
    const beyond = newestOf(name) === generation && ended !== 'not' ? generation + 1 : newestOf(name)
    const latest = Math.max(generation, beyond)
    return {
      word: `run ${index + 1} reads who holds generation ${generation}`,
      run: this.#told(run, { type: 'claim.settled', generation, holder: String(joined), latest }),
    }
  }

  #opening(run: Run, index: number, name: Name, generation: number): Happening {
    const { opened } = generationOf(name, generation)
    const isTwice = opened !== 0 && opened !== index + 1
    const behind = run.isBehind ? newest : undefined
    return {
      word: `run ${index + 1} opens generation ${generation}`,
      run: this.#told({ ...run, door: generation }, { type: 'generation.opened', generation }),
      name: withGeneration(name, generation, { opened: index + 1 }),
      broken: isTwice ? heldTwice : behind,
    }
  }

  #writing(run: Run, index: number, name: Name, kind: Writing, generation: number): Happening {
    const word = (text: string): string => `run ${index + 1} ${text}`
    if (kind === 'greet') {
      const greeted = this.#told(run, { type: 'peers.greeted', generation })
      return { word: word('has greeted the active peers'), run: greeted }
    }
    if (kind === 'announce') {
      return {
        word: word(`writes that generation ${generation} is active`),
        run: this.#told(run, { type: 'active.announced', generation }),
        name: withGeneration(name, generation, { isActive: true }),
      }
    }
    if (kind === 'goodbye' || generation === 0) return { word: word('says goodbye'), run }
    const { ended } = generationOf(name, generation)
    return {
      word: word(`writes that generation ${generation} has left`),
      run: this.#told(run, { type: 'departure.written' }),
      name: withGeneration(name, generation, { ended: ended === 'not' ? 'left' : ended }),
    }
  }

  #told(run: Run, event: Parameters<NodeTable['event']>[0]): Run {
    return this.#table.tell(run, this.#table.nodes.event(event))
  }
}

type Writing = 'greet' | 'announce' | 'goodbye' | 'depart'
