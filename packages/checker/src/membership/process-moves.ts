import type { Cluster } from './cluster.js'
import type { Fact } from './facts.js'
import type { Move } from './move.js'
import { isLongJoin, nodeEvents, nodeInput, type Task } from './node-table.js'
import { ended, type Process } from './records.js'

/** What may happen to a process, whatever others are: start, tasks, timers, crash. */
export class ProcessMoves {
  readonly #cluster: Cluster
  readonly #events: Readonly<Record<keyof typeof nodeEvents, number>>

  constructor(cluster: Cluster) {
    this.#cluster = cluster
    const event = (name: keyof typeof nodeEvents): number => cluster.nodes.event(nodeEvents[name])
    this.#events = {
      start: event('start'),
      leave: event('leave'),
      slept: event('slept'),
      drained: event('drained'),
    }
  }

  of(process: Process): readonly Move[] {
    const move = (word: string, own: Process): Move => ({
      word,
      own: this.#cluster.processId(this.#hurried(own)),
    })
    if (process.machine === 0) {
      return [{ ...move('{one} is started again', this.start(process)), spends: 'restarts' }]
    }
    return [
      { ...move('{one} is killed', ended(process)), spends: 'crashes' },
      ...this.#disturbed(process, move),
      ...this.#working(process, move),
      ...this.#reading(process, move),
      ...this.#ringing(process, move),
    ]
  }

  /** Starts a process, which begins by looking at its name. */
  start(process: Process): Process {
    const { nodes } = this.#cluster
    const run = process.run + 1
    const { local } = nodes.start(nodeInput(run))
    return this.#cluster.tellNode({ ...process, run, machine: local }, this.#events.start)
  }

  /** What the effects of a node are busy with comes to its end. */
  finish(process: Process, { kind, generation }: Task): Process {
    const { nodes, facts } = this.#cluster
    const free: Process = { ...process, task: null }
    const tell = (event: Parameters<typeof nodes.event>[0], to = free): Process =>
      this.#cluster.tellNode(to, nodes.event(event))
    const create = (fact: Fact): Process => ({ ...free, facts: facts.create(process.facts, fact) })
    const latest = facts.latest(process.facts)
    switch (kind) {
      case 'look':
        // The holder of the name is a process that is gone, or this one: nobody answers.
        return tell({ type: 'name.seen', latest, answered: false })
      case 'claim': {
        const claimed = create({ kind: 'joined', generation, run: process.run })
        return { ...claimed, task: { kind: 'settle', generation } }
      }
      case 'settle': {
        const fact = facts.find(process.facts, 'joined', generation)
        const holder = fact?.kind === 'joined' ? String(fact.run) : ''
        return tell({ type: 'claim.settled', generation, holder, latest })
      }
      case 'open':
        return tell({ type: 'generation.opened', generation })
      case 'greet':
        return tell({ type: 'peers.greeted', generation })
      case 'announce':
        return tell({ type: 'active.announced', generation }, create({ kind: 'active', generation }))
      case 'goodbye':
        return create({ kind: 'leaving', generation })
      case 'depart':
        return generation === 0
          ? free
          : tell({ type: 'departure.written' }, create({ kind: 'departed', generation, how: 'left' }))
    }
  }

  /** What leads from one task to the next and changes nothing else is done at once: nobody can tell when it was. */
  #hurried(process: Process): Process {
    if (process.task === null || !this.#cluster.reduces('passing tasks')) return process
    const { task, ...rest } = process
    const { task: next, ...after } = this.finish(process, task)
    const isSame = JSON.stringify(rest) === JSON.stringify(after)
    return isSame && task.kind !== next?.kind ? this.#hurried({ ...process, task: next }) : process
  }

  #disturbed(process: Process, move: MakeMove): readonly Move[] {
    const value = this.#cluster.stateOf(process)
    const { leave, slept } = this.#events
    const tell = (event: number): Process => this.#cluster.tellNode(process, event)
    return [
      ...(value === 'leaving'
        ? []
        : [{ ...move('{one} is told to leave', tell(leave)), spends: 'leaves' as const }]),
      ...(value === 'active'
        ? [{ ...move('{one} has slept longer than its lease', tell(slept)), spends: 'sleeps' as const }]
        : []),
    ]
  }

  #working(process: Process, move: MakeMove): readonly Move[] {
    const { task } = process
    const drained = { ...process, isDraining: false }
    const isBeyond = task?.kind === 'claim' && task.generation > this.#cluster.options.generationsMax
    return [
      ...(process.isDraining
        ? [move('{one} has drained', this.#cluster.tellNode(drained, this.#events.drained))]
        : []),
      ...(task === null || isBeyond ? [] : [move(words[task.kind], this.finish(process, task))]),
    ]
  }

  /** A fact of the own name is read. */
  #reading(process: Process, move: MakeMove): readonly Move[] {
    const { facts } = this.#cluster
    const fact = facts.facts(process.facts)[process.own]
    if (fact === undefined) return []
    const read = { ...process, own: process.own + 1 }
    const event = this.#cluster.eventOf(fact)
    const text = facts.texts(process.facts)[process.own]
    const word = `{one} reads of itself: ${text}`
    return [move(word, event === undefined ? read : this.#cluster.tellNode(read, event))]
  }

  /** Short waits end when they like. */
  #ringing(process: Process, move: MakeMove): readonly Move[] {
    const { nodes } = this.#cluster
    return nodes.rings(process.machine).flatMap((ring): Move[] => {
      const text = nodes.text(ring)
      if (isLongJoin(text, nodes.view(process.machine).context)) return []
      const isLate = text.includes('leaveDeadlineMs') || text.includes('joinPatienceMs')
      const word = isLate ? '{one} leaves too slowly' : '{one} has waited to re-enter'
      return [move(word, this.#cluster.tellNode(process, ring))]
    })
  }
}

type MakeMove = (word: string, own: Process) => Move

const words: Readonly<Record<Task['kind'], string>> = {
  look: '{one} has looked at its name',
  claim: '{one} claims a generation',
  settle: '{one} reads who holds the generation that it claimed',
  open: '{one} has opened its subjects',
  greet: '{one} has greeted the active peers',
  announce: '{one} writes that it is active',
  goodbye: '{one} writes that it leaves',
  depart: '{one} writes that it has left',
}
