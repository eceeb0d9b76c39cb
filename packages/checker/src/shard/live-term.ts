import type { TermGround, TermParts } from '@covey/actors'
import type { LogEvent } from '@covey/protocol'
import type { Frame } from './leader-ground.js'
import type { Input, WorkerName } from './mail.js'
import { policy } from './worker-table.js'
import type { Plant } from './world.js'

interface Item {
  readonly event: LogEvent
  readonly settle: Parameters<TermGround['propose']>[1]
}

/** A term that production classes are made of, for one turn. */
export interface Live {
  readonly parts: TermParts
  /** The batch that is sent, and what waits for it as a proof. */
  sent: { readonly items: readonly Item[]; readonly barriers: readonly (() => void)[] }
  /** What has gathered for the next. */
  readonly items: Item[]
  /** So many of them go before all others. */
  firsts: number
  readonly barriers: (() => void)[]
  /** How workers have ended, as far as it has read. */
  readonly endings: number[]
  readonly frames: Frame[]
  over: number
  words: Extract<Input, { kind: 'look' }>['words']
}

/** No batch. */
export const nothingSent: Live['sent'] = { items: [], barriers: [] }

/** What has gathered is a batch from here on, and what comes is the next. */
export function send(live: Live): void {
  live.sent = { items: live.items.splice(0), barriers: live.barriers.splice(0) }
  live.firsts = 0
}

/** Something comes. */
export function takeInput(
  live: Live,
  input: Input,
  names: readonly WorkerName[],
  plants: ReadonlySet<Plant>,
): void {
  const { intake, crew, desk, outgoing, reconcile, seats, place } = live.parts
  const nameOf = (worker: number): WorkerName => names[worker] as WorkerName
  switch (input.kind) {
    case 'report':
      intake.take({ ...nameOf(input.from), epoch: input.epoch, reports: [input.report] })
      break
    case 'word':
      intake.takeFromOutbox({ ...nameOf(input.from), report: input.report })
      break
    case 'renewal':
      crew.renew(input.message, `grant.${input.from}`)
      break
    case 'command':
      desk.take({ client: 'client', commands: [input.command] }, 'client')
      break
    case 'look':
      live.over = input.over
      live.words = input.words
      crew.routeAround()
      // What has no word at two looks is asked about: how long lies between them means nothing.
      reconcile.look()
      reconcile.look()
      break
    case 'news':
      live.endings[input.worker] = input.ending
      seats.remove(nameOf(input.worker).worker, nameOf(input.worker).generation, 0)
      crew.routeAround()
      break
    case 'due':
      live.items.push({
        event: { type: 'timer.due', workflow: input.workflow, armedAt: input.armedAt },
        settle: undefined,
      })
      break
    default:
      crew.routeAround()
      place()
      if (plants.has('assigns what is cancelled')) assignCancelled(live)
  }
  outgoing.flush()
}

/** What placement would do that took an attempt that is to stop for a workflow that waits. */
function assignCancelled({ parts: { state, seats }, items }: Live): void {
  for (const { id, snapshot } of state.workflows.values()) {
    const seat = [...seats.all()].find(({ available }) => available.length > 0)
    if (snapshot.value !== 'cancelling' || seat === undefined) continue
    const credits = seat.available.splice(-1)
    for (const credit of credits) seat.spent.add(credit)
    const { worker, generation } = seat
    const event = { type: 'workflow.assigned' as const, workflow: id, worker, generation, credits, policy }
    items.push({ event, settle: undefined })
  }
}
