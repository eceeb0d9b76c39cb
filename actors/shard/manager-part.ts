import { type LoadLevel, type ManagerEvent, managerMachine } from '@covey/machines'
import { commandDoor, limits } from '@covey/protocol'
import type { BusMessage, Stop } from '@covey/transport'
import type { Environment, NodePart, Self } from '../environment.js'
import type { Members } from '../membership/members.js'
import { SeenPlace } from '../seen-place.js'
import { Balance } from './balance.js'
import { type BreakerCounts, Breakers } from './breakers.js'
import { FoldTurns } from './fold-turns.js'
import { type FoldedDetails, foldedDetails } from './folded-details.js'
import { type FoldedTransitions, foldedTransitions } from './folded-transitions.js'
import { defaultKeeping, type Keeping } from './keeping.js'
import { defaultLoad, type LoadTerms } from './load-terms.js'
import { type LoadShares, Overload } from './overload.js'
import { Shard } from './shard.js'
import { ShardFigures } from './shard-figures.js'
import type { ShardReading } from './shard-reading.js'
import { Turns } from './turns.js'

/** What the manager of a node is made with. */
export interface ManagerOptions {
  /** Shards of the cluster. */
  readonly shards: number
  readonly members: () => Members
  /** Default: {@link defaultKeeping}. */
  readonly keeping?: Keeping
  /** Default: {@link defaultLoad}. */
  readonly load?: LoadTerms
}

/** The manager of a node: a part like its worker. */
export interface ManagerPart extends NodePart {
  readonly folded: FoldedTransitions
  readonly details: FoldedDetails
  /** Shards that this node leads now. */
  leads(): readonly number[]
  /** All shards as this node has them now; none while no generation of it is open. */
  read(): readonly ShardReading[]
  /** How loaded it is; calm while no generation of it is open. */
  level(): LoadLevel
  /** The breakers of the workers that it has given work to in vain. */
  breakers(): BreakerCounts
}

const address = 'manager'
const noBreakers: BreakerCounts = { states: { closed: 0, open: 0, halfOpen: 0 }, openings: 0 }

interface Running {
  readonly shards: readonly Shard[]
  readonly overload: Overload
  readonly breakers: Breakers
  readonly close: Stop
  readonly stops: Stop[]
  /** The chart of the manager has ended. */
  readonly drained: Promise<void>
}

/** The fullest of the shards that are led here. */
function fullest(shards: readonly Shard[]): LoadShares {
  const led = shards.flatMap(({ load }) => load ?? [])
  const most = (name: keyof LoadShares): number => Math.max(0, ...led.map((load) => load[name]))
  return { queue: most('queue'), log: most('log'), workflows: most('workflows') }
}

/** Sends an event once every one of `count` shards has done something, however often each of them does it. */
function whenAll(env: Environment, count: number, event: ManagerEvent): (shard: number) => void {
  const done = new Set<number>()
  return (shard) => {
    if (done.has(shard)) return
    done.add(shard)
    if (done.size === count) env.system.send(address, event)
  }
}

/** What this process knows of a shard, whatever its generation. */
interface Kept {
  readonly figures: ShardFigures
  readonly seen: SeenPlace
}

function openShards(env: Environment, options: ManagerOptions, self: Self, kept: readonly Kept[]): Running {
  const caughtUp = whenAll(env, options.shards, { type: 'log.caughtUp' })
  const damaged = whenAll(env, options.shards, { type: 'log.damaged' })
  const released = whenAll(env, options.shards, { type: 'leadership.stopped' })
  const { members, keeping = defaultKeeping, load = defaultLoad } = options
  const { leaderTimeoutMs } = env.timings
  const folds = new FoldTurns(env.clock, leaderTimeoutMs)
  const claims = new Turns(env.clock, limits.shardsAtOnceMax, leaderTimeoutMs)
  const balance = new Balance({ env, self, members })
  const overload = new Overload({ env, thresholds: load.thresholds, shares: () => fullest(shards) })
  const breakers = new Breakers({ env, members })
  const shards: readonly Shard[] = kept.map((ofShard, shard) => {
    const onCaughtUp = (): void => {
      folds.end(shard)
      caughtUp(shard)
    }
    const onReleased = (): void => released(shard)
    // One damaged log keeps no other shard from being served.
    const onDamaged = (): void => {
      damaged(shard)
      onCaughtUp()
    }
    return new Shard({
      ...{ env, shard, shards: options.shards, self, members, keeping, ...ofShard },
      ...{ overload, load, breakers, claims, onCaughtUp, onReleased, onDamaged },
      isFirst: (manager) => balance.isFirst(shard, manager),
    })
  })
  const close = (): void => {
    balance.stop()
    folds.stop()
    claims.stop()
    for (const shard of shards) shard.close()
    overload.stop()
    breakers.stop()
  }
  const machine = managerMachine.provide({
    actions: {
      'shard.follow': () => {
        folds.begin(shards)
        balance.start(shards)
      },
      'shard.release': () => {
        balance.stop()
        folds.stop()
        for (const shard of shards) shard.release()
      },
      'shard.close': close,
    },
  })
  const stops = shards.map(({ state }) => {
    const subject = env.subjects.command(state.shard)
    return env.links.control.subscribe(subject, (message) => route(env, shards, state.shard, message))
  })
  const input = { leaveDeadlineMs: env.timings.leaveDeadlineMs }
  const actor = env.system.spawn(machine, { id: address, input })
  // However its chart ends, there is nothing left to hand over; the system tells of the error.
  const drained = new Promise<void>((resolve) => {
    actor.subscribe({ complete: resolve, error: () => resolve() })
  })
  overload.start()
  return { shards, overload, breakers, close, stops, drained }
}

function route(env: Environment, shards: readonly Shard[], index: number, message: BusMessage): void {
  const shard = shards[index]
  // Who does not lead stays silent: a wrong answer could come before the right one (K23).
  if (!shard?.isLeading && !shard?.standsBack) return
  try {
    const { kind, body } = commandDoor.decode(message.data)
    if (!shard.isLeading) {
      if (kind === 'worker.renew') shard.overhear()
    } else if (kind === 'client.commands') shard.takeCommands(body, message.reply)
    else if (kind === 'worker.renew') shard.takeRenewal(body, message.reply)
    else if (kind === 'shard.seen') shard.hear(body)
    else if (kind === 'worker.report') shard.takeReports(body)
    else shard.takeHandOver(body)
  } catch (error) {
    env.notice({ kind: 'frame.refused', subject: message.subject, error })
  }
}

/** Makes the manager of a node: it folds every shard, and leads those that it has claimed. */
export function createManagerPart(env: Environment, options: ManagerOptions): ManagerPart {
  let running: Running | undefined
  const kept = Array.from({ length: options.shards }, (): Kept => {
    return { figures: new ShardFigures(), seen: new SeenPlace() }
  })
  const close = (): void => {
    if (!running) return
    for (const stop of running.stops) stop()
    running.close()
    env.system.stop(address)
    running = undefined
  }
  return {
    folded: foldedTransitions(() => running?.shards ?? []),
    details: foldedDetails(() => running?.shards ?? []),
    leads: () => running?.shards.filter((shard) => shard.isLeading).map((shard) => shard.state.shard) ?? [],
    level: () => running?.overload.level ?? 'calm',
    breakers: () => running?.breakers.counts ?? noBreakers,
    read: () => running?.shards.map((shard) => shard.read()) ?? [],
    open(self) {
      close()
      running = openShards(env, options, self, kept)
    },
    activate: () => undefined,
    async drain(deadlineMs) {
      if (!running) return { clean: true }
      env.system.send(address, { type: 'manager.drain', deadlineMs })
      await running.drained
      return { clean: true }
    },
    fence: close,
    close,
  }
}
