import type { LeadershipEvent, leadershipMachine } from '@covey/machines'
import type { Interned } from '../interned.js'
import { MachineTable } from '../machine-table.js'
import type { FoldTable } from './fold-table.js'
import type { LeaderTable } from './leader-table.js'
import type { Input, Said } from './mail.js'
import { endings, gathered, isAtRest, placing, type Term } from './term.js'
import type { Manager, Plant } from './world.js'

/** What may happen to a manager, and what it does. */
export interface ManagerHappening {
  readonly word: string
  readonly broken?: string | undefined
  readonly manager: Manager
  readonly log?: number
  readonly said?: readonly Said[]
}

const foldsItsLog = 'a leader in office has folded what the log holds (K2)'

type Deed = 'begin' | 'end' | 'claim'
const timings = { leaderTimeoutMs: 1, leaderHintMs: 1, staggerMs: 0, rankStepMs: 0, actsForMs: 1 }

/** The managers of a shard, each with the log. */
export class ManagerHappenings {
  readonly #charts: MachineTable<typeof leadershipMachine, readonly Deed[]>
  readonly #folds: FoldTable
  readonly #leaders: LeaderTable
  readonly #inputs: Interned<Input>
  readonly #epochsMax: number
  readonly #inputsMax: number
  readonly #batchesMax: number
  readonly #plants: ReadonlySet<Plant>

  constructor(options: {
    readonly leadershipMachine: typeof leadershipMachine
    readonly folds: FoldTable
    readonly leaders: LeaderTable
    readonly inputs: Interned<Input>
    readonly epochsMax: number
    readonly inputsMax: number
    readonly batchesMax: number
    readonly plants: ReadonlySet<Plant>
  }) {
    this.#folds = options.folds
    this.#leaders = options.leaders
    this.#inputs = options.inputs
    this.#epochsMax = options.epochsMax
    this.#inputsMax = options.inputsMax
    this.#batchesMax = options.batchesMax
    this.#plants = options.plants
    this.#charts = new MachineTable({
      machine: options.leadershipMachine,
      forget: (context) => ({ ...context, attempt: 0, windowMs: 0 }),
      plan: ({ effects }) =>
        effects.flatMap(({ type }): Deed[] => {
          if (type === 'term.begin') return ['begin']
          if (type === 'log.claim') return ['claim']
          return type === 'term.end' ? ['end'] : []
        }),
    })
  }

  /** One that follows the log. */
  follower(): Manager {
    return { chart: this.#charts.start({ shard: 0, ...timings }).local, claimed: -1, term: null }
  }

  stateOf({ chart }: Manager): string {
    return this.#charts.view(chart).value
  }

  /** Claims, appends, acknowledgements, and the end of a term: what comes of a manager and the log. */
  atLog(manager: Manager, log: number): readonly ManagerHappening[] {
    const state = this.stateOf(manager)
    if (state === 'following') return this.#claiming(manager, log)
    if (state === 'claiming') return this.#claimed(manager, log)
    return manager.term === null ? [] : this.#leading(manager, manager.term, log)
  }

  /** Whether a leader may take something more for a batch. */
  mayTake({ term }: Manager): boolean {
    if (term === null || !this.#gathers(term)) return false
    return gathered(term).filter((input) => input !== placing).length < this.#inputsMax
  }

  /** A leader that is deposed, without a batch that will never be in the log. */
  idle(manager: Manager, epoch: number): Manager {
    const { term } = manager
    if (term === null || term.epoch >= epoch || gathered(term).length === 0) return manager
    return { ...manager, term: this.#leaders.withoutGathered(term) }
  }

  /** How workers have ended, as far as a leader has read. */
  endingsOf(term: Term): readonly number[] {
    return this.#leaders.endingsOf(term)
  }

  /** It reads that workers have ended. */
  news(manager: Manager, facts: readonly number[]): readonly ManagerHappening[] {
    const { term } = manager
    if (term === null || !this.#gathers(term)) return []
    const known = this.endingsOf(term)
    return facts.flatMap((ending, worker) =>
      ending === 0 || known[worker] === ending
        ? []
        : [
            {
              word: `the leader of epoch ${term.epoch} reads that worker ${worker + 1} has ${endings[ending]}`,
              manager: this.#with(
                manager,
                this.#leaders.hear(term, worker, ending, this.#inputs.id({ kind: 'news', worker, ending })),
              ),
            },
          ],
    )
  }

  /** It takes something that has come. In office, what asks for nothing but a proof has it at once. */
  taking(manager: Manager, input: number, word: string, isInOffice: boolean): readonly ManagerHappening[] {
    const { term } = manager
    if (term === null) return []
    const { term: taken, said } = this.#leaders.take(term, input)
    const isNew = gathered(taken).length > gathered(term).length
    const lead = `the leader of epoch ${term.epoch} takes: ${word}`
    if (!isNew || !isAtRest(term) || this.#leaders.batchOf(taken).length > 0)
      return [{ word: lead, manager: this.#with(manager, taken), said }]
    // What waits for a proof that will never come has said what needs none.
    if (!isInOffice) return [{ word: lead, manager, said }]
    const committed = this.#leaders.commit(taken)
    return [{ word: lead, manager: this.#with(manager, committed.term), said: [...said, ...committed.said] }]
  }

  /** What is behind a batch that is in the log unheard gathers for the next, and no further. */
  #gathers(term: Term): boolean {
    return !term.isLanded || (this.#batchesMax > 1 && term.assigns && term.before === null)
  }

  #claiming(manager: Manager, log: number): ManagerHappening[] {
    const { epoch } = this.#folds.view(log)
    if (epoch >= this.#epochsMax) return []
    const claiming = this.#ring(manager, 'silenceMs')
    const claimed = this.#folds.claimed(log)
    return [
      {
        word: `a manager claims epoch ${epoch + 1}`,
        manager: { ...claiming, claimed },
        log: claimed,
      },
    ]
  }

  #claimed(manager: Manager, log: number): ManagerHappening[] {
    const { claimed } = manager
    const { epoch } = this.#folds.view(claimed)
    const won = this.#tell(manager, { type: 'claim.won', sequence: 1 })
    const term = this.#leaders.begin(claimed)
    const lost = this.#tell(manager, { type: 'claim.refused' })
    const mayLose = this.#folds.view(log).epoch > epoch || epoch < this.#epochsMax
    return [
      {
        word: `a manager hears that it has won epoch ${epoch}`,
        manager: { ...won, claimed: -1, term },
      },
      ...(mayLose
        ? [
            {
              word: `a manager never hears that it has won epoch ${epoch}`,
              manager: { ...lost, claimed: -1 },
            },
          ]
        : []),
    ]
  }

  #leading(manager: Manager, term: Term, log: number): ManagerHappening[] {
    const newest = this.#folds.view(log).epoch
    const lead = (what: string): string => `the leader of epoch ${term.epoch} ${what}`
    const broken = newest === term.epoch && !term.isLanded && term.fold !== log ? foldsItsLog : undefined
    const happen: ManagerHappening[] = []
    if (newest > term.epoch || newest < this.#epochsMax)
      happen.push({ word: lead('is killed, or may act no more'), manager: this.#stopped(manager) })
    if (!term.assigns && isAtRest(term) && newest === term.epoch)
      happen.push(this.#committing(manager, term, lead('has read the outbox to its end'), broken))
    if (term.isLanded) {
      happen.push(this.#committing(manager, term, lead('hears that its batch is in the log'), broken))
      if (this.#plants.has('takes silence for a refusal'))
        happen.push({
          word: lead('takes its batch for one that is not in the log'),
          manager: this.#with(manager, { ...term, inputs: term.later, later: [], isLanded: false }),
        })
      return happen
    }
    return term.inputs.length === 0 ? happen : [...happen, ...this.#appending(manager, term, log, broken)]
  }

  #appending(manager: Manager, term: Term, log: number, broken: string | undefined): ManagerHappening[] {
    const mayAppend = this.#folds.view(log).epoch === term.epoch || this.#plants.has('no fence')
    const lead = (what: string): string => `the leader of epoch ${term.epoch} ${what}`
    const early = this.#plants.has('acts before the acknowledgement')
      ? [this.#committing(manager, term, lead('acts on a batch that may never arrive'), broken)]
      : []
    if (!mayAppend)
      return [
        ...early,
        { word: lead('is refused: a newer epoch owns the log'), manager: this.#stopped(manager) },
      ]
    const batch = this.#leaders.batchOf(term)
    const after = this.#folds.after(log, batch)
    const types = batch.map((event) => event.type).join(', ') || 'nothing'
    return [
      ...early,
      {
        word: `the batch of the leader of epoch ${term.epoch} lands in the log: ${types}`,
        manager: { ...manager, term: { ...term, isLanded: true } },
        log: after.fold,
        broken: after.broken ?? broken,
      },
    ]
  }

  #committing(manager: Manager, term: Term, word: string, broken: string | undefined): ManagerHappening {
    const committed = this.#leaders.commit(term)
    return {
      ...{ word, manager: this.#with(manager, committed.term), said: committed.said },
      broken: committed.broken ?? broken,
    }
  }

  /** What can be assigned is proposed in the turn in which it can. */
  #with(manager: Manager, term: Term): Manager {
    return { ...manager, term: this.#leaders.placed(term) }
  }

  #stopped(manager: Manager): Manager {
    return {
      ...this.#ring(this.#tell(manager, { type: 'log.deposed' }), 'settleMs'),
      claimed: -1,
      term: null,
    }
  }

  #ring(manager: Manager, timer: string): Manager {
    const ring = this.#charts.rings(manager.chart).find((each) => this.#charts.text(each).includes(timer))
    if (ring === undefined) throw new Error(`nothing of a manager waits for ${timer}`)
    return { ...manager, chart: this.#charts.step(manager.chart, ring).local }
  }

  #tell(manager: Manager, event: LeadershipEvent): Manager {
    return { ...manager, chart: this.#charts.step(manager.chart, this.#charts.event(event)).local }
  }
}
