import { drawTrace, shrinkTrace, simulate, type TraceOptions, type Verdict } from '@covey/simulator'
import { simulationOf, type Trace } from '@covey/simulator/trace'
import { systemClock } from '@covey/transport'
import type { Terminal } from '../terminal.js'

/** Runs that are spent on making a failing schedule shorter. */
const shrinkRunsMax = 200

/** How a simulation went. */
export interface Played {
  /** What was run. */
  readonly trace: Trace
  /** What is to be kept: where it failed, the fewest faults with which it still does. */
  readonly kept: Trace
  readonly verdict: Verdict
  readonly wallMs: number
}

/** The shortest schedule that still breaks the same rule. */
async function shortest(terminal: Terminal, trace: Trace, invariant: string): Promise<Trace> {
  let runs = 0
  const stillFails = async (shorter: Trace): Promise<boolean> => {
    runs += 1
    terminal.doing(`looking for a shorter schedule that fails, run ${runs} of ${shrinkRunsMax} at most`)
    const { violation } = await simulate(simulationOf(shorter))
    return violation?.invariant === invariant
  }
  const found = await shrinkTrace(trace, stillFails, shrinkRunsMax)
  terminal.doing(undefined)
  return found
}

async function run(trace: Trace): Promise<Omit<Played, 'kept'>> {
  const beganMs = systemClock.now()
  const verdict = await simulate(simulationOf(trace))
  return { trace, verdict, wallMs: Math.round(systemClock.now() - beganMs) }
}

/** Draws a schedule and runs it; where it fails, it is made shorter. */
export async function playNew(terminal: Terminal, wanted: TraceOptions): Promise<Played> {
  const played = await run(drawTrace(wanted))
  const { trace, verdict } = played
  const { violation } = verdict
  return { ...played, kept: violation ? await shortest(terminal, trace, violation.invariant) : trace }
}

/** Runs a schedule that somebody has kept, and keeps it as it is. */
export async function playAgain(trace: Trace): Promise<Played> {
  return { ...(await run(trace)), kept: trace }
}
