import { drawFaults, type FaultKind, faultKinds, invariants, nodeNames, simulate } from '@covey/simulator'
import type { BenchContext } from '../bench-context.js'
import { type Contender, compare } from '../measure/compare.js'
import type { BenchRow } from '../report/bench-report.js'

/** The row that the promise is about; under faults there is more to do, how much more is the seed's affair. */
export const quiet = 'a cluster to which nothing happens'

const seed = 1

interface Scene {
  readonly label: string
  readonly nodes: number
  readonly kinds: readonly FaultKind[]
  /** How fast it is supposed to be at first: from then on its own figure says how long a round has to be. */
  readonly guess: number
}

const scenes: readonly Scene[] = [
  { label: quiet, nodes: 16, kinds: [], guess: 500 },
  { label: 'a cluster under all faults', nodes: 16, kinds: faultKinds, guess: 50 },
  { label: quiet, nodes: 128, kinds: [], guess: 50 },
]

const cpuSeconds = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000_000
}

/** Simulated seconds for a second of computing, counted from when all nodes see each other. */
function simulation({ nodes, kinds, guess }: Scene): Contender {
  const names = nodeNames(nodes)
  let perSecond = guess
  return {
    name: 'ours',
    async run(durationMs, latencies) {
      const virtualMs = Math.ceil(durationMs * perSecond)
      const faults = drawFaults({ seed, nodes: names, durationMs: virtualMs, kinds })
      let formed = { atMs: 0, cpu: 0 }
      const onFormed = (atMs: number): void => {
        formed = { atMs, cpu: cpuSeconds() }
      }
      const run = { seed, nodes: names, durationMs: virtualMs, faults }
      const verdict = await simulate(run, invariants, onFormed)
      if (verdict.violation) throw new Error(`${verdict.violation.invariant}: ${verdict.violation.what}`)
      perSecond = (verdict.virtualMs - formed.atMs) / 1_000 / (cpuSeconds() - formed.cpu)
      latencies.take(1_000 / perSecond)
      return perSecond
    },
  }
}

const realTime: Contender = { name: 'real time', run: async () => 1 }

/** How much faster than time a simulated cluster runs, by computing time: what else the machine does counts little. */
export async function benchSim(context: BenchContext): Promise<BenchRow[]> {
  const rows: BenchRow[] = []
  for (const scene of scenes) {
    const { label, nodes } = scene
    context.say(`sim: ${label}, ${nodes} nodes`)
    const contenders = { ours: simulation(scene), baselines: [realTime] }
    rows.push(...(await compare({ label, inFlight: nodes, ...contenders }, context)))
  }
  return rows
}
