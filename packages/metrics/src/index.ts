export { type Health, type HealthReading, healthOf, type Probe, unmade } from './health.js'
export type { ConnectionReading, MeasuredNode, MembershipCounts, NodeReading } from './node-reading.js'
export type { MetricsEndpoint, MetricsOptions } from './open-metrics.js'
export { openMetrics } from './open-metrics.js'
