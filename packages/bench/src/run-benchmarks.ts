import { availableParallelism } from 'node:os'
import { type Broker, type Clock, startBroker } from '@covey/transport'
import type { BenchContext, BrokerContext } from './bench-context.js'
import { benchBus } from './bus/bus.bench.js'
import { benchDispatch } from './dispatch/dispatch.bench.js'
import { benchInspect } from './dispatch/inspect.bench.js'
import { benchEngine } from './engine/engine.bench.js'
import { benchLog } from './log/log.bench.js'
import { withUndo } from './process/undo.js'
import type { BenchName, BenchReport, BenchRow } from './report/bench-report.js'
import { benchSim } from './sim/sim.bench.js'

const brokerDeadlineMs = 10_000

type InProcess = 'engine' | 'sim'
type OverBroker = Exclude<BenchName, InProcess>

const inProcess: Record<InProcess, (context: BenchContext) => Promise<BenchRow[]>> = {
  engine: benchEngine,
  sim: benchSim,
}

const overBroker: Record<OverBroker, (context: BrokerContext) => Promise<BenchRow[]>> = {
  bus: benchBus,
  log: benchLog,
  dispatch: benchDispatch,
  inspect: benchInspect,
}

const reportOf = (name: BenchName, broker: string | null, rows: readonly BenchRow[]): BenchReport => ({
  ...{ name, node: process.versions.node, cores: availableParallelism() },
  ...{ broker, rows },
})

/** A nats-server for one benchmark alone: no stream of another slows it, and its folder goes with it. */
export const startBenchBroker = (clock: Clock): Promise<Broker> =>
  startBroker({ startDeadlineMs: brokerDeadlineMs, clock })

/** Runs one benchmark. Rejects where a broker cannot be had (a `CoveyError`), or a result is not what it has to be. */
export const runBenchmark = (name: BenchName, context: BenchContext): Promise<BenchReport> =>
  withUndo(async (undo) => {
    if (name === 'engine' || name === 'sim') return reportOf(name, null, await inProcess[name](context))
    const broker = await startBenchBroker(context.clock)
    undo(() => broker.stop())
    const rows = await overBroker[name]({ ...context, server: broker.url })
    return reportOf(name, broker.version, rows)
  })
