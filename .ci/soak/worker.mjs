// Runs the seeds that its parent sends, and answers each with what came of it. Ends when its parent lets go of it.
//   worker.mjs FOLDER FAULTS
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  drawTrace,
  parseFaultKinds,
  shrinkFaults,
  simulate,
  simulationOf,
  sizeOf,
  traceText,
} from '@covey/simulator'

const [traces, list] = process.argv.slice(2)
/** What is spent on one schedule that fails; there may be many. */
const shrinkRunsMax = 100
/** Every so many seeds one is run twice, and must end in the same digest. */
const repeatEvery = 50

const shorten = async (trace, invariant) => {
  const stillFails = async (faults) =>
    (await simulate(simulationOf({ ...trace, faults }))).violation?.invariant === invariant
  const faults = await shrinkFaults(trace.faults, stillFails, shrinkRunsMax)
  mkdirSync(traces, { recursive: true })
  const path = join(traces, `seed-${trace.seed}.json`)
  writeFileSync(path, traceText({ ...trace, faults }))
  return { path, faults: faults.length }
}

const judge = async (trace) => {
  const verdict = await simulate(simulationOf(trace))
  const { violation, digest, virtualMs } = verdict
  if (violation) return { virtualMs, violation, shrunk: await shorten(trace, violation.invariant) }
  if (trace.seed % repeatEvery !== 0) return { virtualMs }
  const again = await simulate(simulationOf(trace))
  if (again.digest === digest) return { virtualMs }
  return {
    virtualMs,
    violation: { invariant: 'determinism', what: `${digest}, and then ${again.digest}`, atMs: 0 },
  }
}

const run = async (seed) => {
  const size = sizeOf(seed)
  try {
    const { virtualMs, ...outcome } = await judge(drawTrace({ seed, ...size, kinds: parseFaultKinds(list) }))
    return { seed, ...size, nodeHours: (size.nodes * virtualMs) / 3_600_000, ...outcome }
  } catch (error) {
    return {
      seed,
      ...size,
      nodeHours: 0,
      violation: { invariant: 'simulator', what: String(error.stack), atMs: 0 },
    }
  }
}

// Ctrl-C reaches all processes of a terminal; the parent decides what it means.
process.on('SIGINT', () => undefined)
process.on('message', async ({ seed }) => process.send?.(await run(seed)))
