import {
  type ActorSystem,
  type AddressedActor,
  createActorSystem,
  createStepper,
  fast,
  TransitionWatch,
} from '@covey/engine'
import { workflowMachine } from '@covey/machines'
import type { Clock } from '@covey/transport'
import type { BenchContext } from '../bench-context.js'
import { blockLoop } from '../measure/block-loop.js'
import { compare } from '../measure/compare.js'
import { withUndo } from '../process/undo.js'
import type { BenchRow } from '../report/bench-report.js'
import { benchCrowds } from './crowd.bench.js'
import { stockLife, stockSend, stockTransition } from './engine.bare.js'
import { cycle, opening } from './workflow-cycle.js'

/** The row that is about the cost of one event. */
export const eventLabel = 'send an event'
/** The row that shows what a node pays for the inspector when nobody looks. */
export const unwatched = 'pass the hook of an inspector that nobody opened, ten times'
/** One passing is as short as the call that would measure it. */
export const hooksPerRound = 10
const address = 'workflow'
const machine = fast(workflowMachine)

/** A system that is watched, as every node is, or not. */
function startSystem(clock: Clock, watched: boolean): { system: ActorSystem; seen: () => number } {
  let transitions = 0
  const system = createActorSystem({ node: 'bench', clock })
  if (watched) {
    system.tap = () => {
      transitions += 1
    }
  }
  return { system, seen: () => transitions }
}

function ourSend(system: ActorSystem): () => void {
  system.spawn(machine, { id: address })
  system.send(address, opening)
  let turn = 0
  return () => {
    turn = 1 - turn
    system.send(address, cycle[turn === 1 ? 0 : 1])
  }
}

const ourLife = (system: ActorSystem) => (): void => {
  system.spawn(machine, { id: 'short-lived' })
  system.stop('short-lived')
}

function ourStep(): () => void {
  const stepper = createStepper(workflowMachine)
  let { snapshot } = stepper.initial(undefined)
  snapshot = stepper.step(snapshot, opening).snapshot
  let turn = 0
  return () => {
    turn = 1 - turn
    snapshot = stepper.step(snapshot, cycle[turn === 1 ? 0 : 1]).snapshot
  }
}

/** What every event passes for those who might watch, alone: the cost of not being watched. */
function unwatchedHook(clock: Clock, system: ActorSystem): () => void {
  const watch = new TransitionWatch(clock, undefined)
  // Whatever a system spawns is such an actor, which is all that the hook looks at.
  const actor = system.spawn(machine, { id: 'hooked' }) as unknown as AddressedActor
  return () => {
    for (let passed = 0; passed < hooksPerRound; passed += 1) watch.show(actor, opening.type)
  }
}

interface Pair {
  readonly label: string
  readonly ours: () => void
  readonly baseline: string
  readonly stock: () => void
}

/** Events, steps and lives of actors in one process, each beside stock XState. */
export const benchEngine = (context: BenchContext): Promise<BenchRow[]> =>
  withUndo(async (undo) => {
    const { clock, say } = context
    const quiet = startSystem(clock, false).system
    const alone = startSystem(clock, false).system
    const watched = startSystem(clock, true)
    undo(async () => {
      quiet.stopAll()
      alone.stopAll()
      watched.system.stopAll()
    })
    const pairs: readonly Pair[] = [
      { label: eventLabel, ours: ourSend(quiet), baseline: 'actor.send', stock: stockSend() },
      {
        label: 'send an event, watched',
        ours: ourSend(watched.system),
        baseline: 'actor.send',
        stock: stockSend(),
      },
      {
        label: unwatched,
        ours: unwatchedHook(clock, quiet),
        baseline: eventLabel,
        stock: ourSend(alone),
      },
      {
        label: 'step of a folded chart',
        ours: ourStep(),
        baseline: 'transition()',
        stock: stockTransition(),
      },
      { label: 'spawn and stop', ours: ourLife(quiet), baseline: 'createActor', stock: stockLife },
      {
        label: 'spawn and stop, watched',
        ours: ourLife(watched.system),
        baseline: 'createActor',
        stock: stockLife,
      },
    ]
    const rows: BenchRow[] = []
    for (const { label, ours, baseline, stock } of pairs) {
      say(`engine: ${label}`)
      const contenders = {
        ours: blockLoop('ours', clock, ours),
        baselines: [blockLoop(baseline, clock, stock)],
      }
      rows.push(...(await compare({ label, inFlight: 1, ...contenders }, context)))
    }
    if (watched.seen() === 0) throw new Error('the watched system has shown no transition')
    return [...rows, ...(await benchCrowds(context))]
  })
