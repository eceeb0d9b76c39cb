import { countCredits, type ShardBook } from '@covey/machines'
import { expect } from 'chai'
import { type ControlledWorkflow, controlled } from './controlled-workflow.js'
import type { Assigned, FakeLeader } from './fake-leader.js'
import { makeLedWorld, type WorkerWorld } from './worker-world.js'

/** What a leader, the network or a function does next; `pick` chooses among what exists. */
export const stepKinds = [
  'dispatch',
  'guess',
  'again',
  'cancel',
  'ask',
  'finish',
  'logged',
  'epoch',
  'loss',
  'pass',
] as const
export interface Step {
  readonly kind: (typeof stepKinds)[number]
  readonly pick: number
}

/** One random history of a worker, with what must hold after each step. */
export class Schedule {
  readonly #world: WorkerWorld
  readonly #work: ControlledWorkflow
  readonly #slots: number
  readonly #known: Assigned[] = []
  readonly #ended = new Set<string>()
  readonly #burnt = new Set<string>()
  #leader: FakeLeader

  private constructor(world: WorkerWorld, leader: FakeLeader, work: ControlledWorkflow, slots: number) {
    this.#world = world
    this.#leader = leader
    this.#work = work
    this.#slots = slots
  }

  static async play(steps: readonly Step[], slots: number): Promise<void> {
    const work = controlled('work')
    const world = await makeLedWorld({ workflows: [work], slots })
    const schedule = new Schedule(world, world.leader, work, slots)
    for (const step of steps) {
      schedule.#act(step)
      await world.pass(step.kind === 'pass' ? step.pick * 3 : 3)
      schedule.#check()
    }
    world.broker.faults.lostMessage = 0
    await world.close()
  }

  #act({ kind, pick }: Step): void {
    const actions: Record<Step['kind'], () => void> = {
      dispatch: () => this.#dispatch(this.#leader.credits.splice(0, 1)),
      // A credit that was given out once: no leader names one before that.
      guess: () => this.#dispatch([1 + (pick % this.#highestCredit())]),
      loss: () => {
        this.#world.broker.faults.lostMessage = pick % 4 === 0 ? 0.5 : 0
      },
      epoch: () => this.#succeed(),
      again: () =>
        this.#with(pick, (known) =>
          this.#leader.run([{ ...this.#leader.next('work'), ...this.#copy(known) }]),
        ),
      cancel: () => this.#with(pick, (known) => this.#leader.cancel(known)),
      ask: () => this.#with(pick, (known) => this.#leader.ask([known])),
      finish: () => this.#with(pick, ({ token }) => this.#finish(token)),
      logged: () => this.#with(pick, ({ token }) => this.#leader.run([], [token])),
      pass: () => undefined,
    }
    actions[kind]()
  }

  #with(pick: number, act: (known: Assigned) => void): void {
    const known = this.#known[pick % Math.max(1, this.#known.length)]
    if (known !== undefined) act(known)
  }

  #copy({ token, workflow, credits }: Assigned) {
    return { token, workflow, credits: [...credits] }
  }

  #dispatch(credits: number[]): void {
    const next = this.#leader.next('work', { credits })
    this.#known.push(next)
    this.#leader.run([next])
  }

  #succeed(): void {
    this.#leader.close()
    this.#leader = this.#world.lead(this.#leader.epoch + 1)
    this.#leader.assigned = [...this.#known]
  }

  #finish(token: string): void {
    this.#ended.add(token)
    this.#work.runs.get(token)?.resolve(token)
  }

  #check(): void {
    const running = [...this.#work.runs.values()].filter(
      ({ attempt }) => !attempt.signal.aborted && !this.#ended.has(attempt.token),
    )
    expect(running.length, 'running').to.be.at.most(this.#slots)
    const book = this.#book()
    const held = [...book.attempts.values()].reduce((sum, { slots }) => sum + slots, 0)
    expect(book.held, 'held').to.equal(held)
    expect(held, 'held, at least what runs').to.be.at.least(running.length)
    expect(held + countCredits(book.outstanding), 'held and credits').to.be.at.most(this.#slots)
    for (const { kind, token } of this.#leader.reports) {
      if (kind === 'burnt' && !this.#work.runs.has(token)) this.#burnt.add(token)
    }
    for (const token of this.#burnt) expect(this.#work.runs.has(token), `${token} is burnt`).to.equal(false)
  }

  #highestCredit(): number {
    const { renewals, reports } = this.#leader
    return Math.max(2, ...[...renewals, ...reports].flatMap(({ credits }) => credits))
  }

  #book(): ShardBook {
    const { context } = this.#world.env.system.snapshot('worker') as unknown as {
      context: { books: readonly [ShardBook] }
    }
    return context.books[0]
  }
}
