export { closedLoop, type LoopOptions, type LoopResult } from './measure/closed-loop.js'
export {
  type Comparison,
  type Contender,
  compare,
  type Duration,
  type Standing,
  standings,
} from './measure/compare.js'
export { inTime, untilSo } from './measure/in-time.js'
export { Latencies } from './measure/latencies.js'
export { median } from './measure/median.js'
export {
  type BenchCommand,
  type BenchOptions,
  benchCommand,
  parseOptions,
  UsageError,
  usageOf,
} from './options.js'
export { type Installed, installPeer, npmReason, type RunNpm } from './peers/install-peer.js'
export { type FoundRedis, lackOfNode, lackOfPackages, lackOfRedis } from './peers/left-out.js'
export { type NodeFor, nodeFor } from './peers/newer-node.js'
export { peerDocument } from './peers/peer-document.js'
export { contenderNames } from './peers/peer-names.js'
export { bullmq, moleculer, type PeerPackage } from './peers/peer-package.js'
export type { PeerBenchName, PeerReport, PeerRow } from './peers/peer-report.js'
export { peerTable } from './peers/peer-table.js'
export { peerVerdictsOf } from './peers/peer-targets.js'
export { isFrom, type Version, versionIn } from './peers/version.js'
export { keepCoresAwake } from './process/awake-cores.js'
export { type BenchName, type BenchReport, type BenchRow, benchNames } from './report/bench-report.js'
export { benchmarkDocument } from './report/benchmark-document.js'
export { type Verdict, verdictsOf } from './report/targets.js'
export { terminalTable } from './report/terminal-table.js'
