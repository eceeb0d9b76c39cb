// Runs the seeds that its parent sends, and answers each with what came of it. Ends when its parent lets go of it.
//   worker.mjs FOLDER FAULTS LOAD
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  drawTrace,
  jobSizeOf,
  parseFaultKinds,
  shrinkTrace,
  simulate,
  simulationOf,
  sizeOf,
  traceText,
} from '@covey/simulator'

const [traces, list, load] = process.argv.slice(2)
/** What is spent on one schedule that fails; there may be many. */
const shrinkRunsMax = 100
/** Every so many seeds one is run twice, and must end in the same digest. */
const repeatEvery = 50

const shorten = async (trace, invariant) => {
  const stillFails = async (shorter) =>
    (await simulate(simulationOf(shorter))).violation?.invariant === invariant
  const shortest = await shrinkTrace(trace, stillFails, shrinkRunsMax)
  mkdirSync(traces, { recursive: true })
  const path = join(traces, `seed-${trace.seed}.json`)
  writeFileSync(path, traceText(shortest))
  return { path, faults: shortest.faults.length, errands: shortest.errands?.length }
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
  const size = load === 'jobs' ? jobSizeOf(seed) : sizeOf(seed)
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
