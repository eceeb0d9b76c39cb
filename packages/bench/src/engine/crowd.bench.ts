import { createActorSystem, fast } from '@covey/engine'
import type { Clock } from '@covey/transport'
import { setup } from 'xstate'
import type { BenchContext } from '../bench-context.js'
import { blockLoop } from '../measure/block-loop.js'
import { compare } from '../measure/compare.js'
import { type Undo, withUndo } from '../process/undo.js'
import type { BenchRow } from '../report/bench-report.js'

/** The row that shows whether an event costs more where there are more actors; in flight are the actors. */
export const crowdLabel = 'send an event that arms a timer anew'
export const crowdedMost = 100_000
const crowds = [1_000, crowdedMost]
const few = 10

/** It waits in either of its states, so that each event takes one timer out and arms the next. */
const waitsOften = fast(
  setup({}).createMachine({
    id: 'waiting',
    initial: 'one',
    states: {
      one: { on: { 'side.changed': 'other' }, after: { 600000: 'other' } },
      other: { on: { 'side.changed': 'one' }, after: { 600000: 'one' } },
    },
  }),
)

/** Sends to one actor after the other of a system that holds so many, each with a timer. */
function crowdOf(size: number, clock: Clock, undo: (end: Undo) => void): () => void {
  const system = createActorSystem({ node: 'bench', clock })
  undo(async () => system.stopAll())
  const addresses = Array.from({ length: size }, (_, index) => `waiting-${index}`)
  for (const id of addresses) system.spawn(waitsOften, { id })
  let next = 0
  return () => {
    system.send(addresses[next] ?? '', { type: 'side.changed' })
    next = (next + 1) % size
  }
}

/** What an event costs by how many actors and timers there are beside its own. */
export const benchCrowds = (context: BenchContext): Promise<BenchRow[]> =>
  withUndo(async (undo) => {
    const { clock, say } = context
    const rows: BenchRow[] = []
    for (const size of crowds) {
      say(`engine: ${crowdLabel}, ${size} actors`)
      const contenders = {
        ours: blockLoop('ours', clock, crowdOf(size, clock, undo)),
        baselines: [blockLoop(`of ${few} actors`, clock, crowdOf(few, clock, undo))],
      }
      rows.push(...(await compare({ label: crowdLabel, inFlight: size, ...contenders }, context)))
    }
    return rows
  })
