import { collectDefaultMetrics, type Metric, Registry } from 'prom-client'
import type { Measure } from './measure.js'
import { membershipMeasures } from './membership-measures.js'
import { nodeMeasures } from './node-measures.js'
import type { MeasuredNode, NodeReading } from './node-reading.js'
import { shardMeasures } from './shard-measures.js'
import { workerMeasures } from './worker-measures.js'

/** All metrics of a node, in the format of Prometheus. */
export interface Exposition {
  readonly contentType: string
  text(): Promise<string>
}

let ofProcess: Registry | undefined

/**
 * CPU, memory, handles, garbage collection and event loop lag. Kept once for a process, however many nodes it has: two
 * monitors of one event loop would see the same.
 */
function processRegistry(): Registry {
  if (ofProcess === undefined) {
    ofProcess = new Registry()
    collectDefaultMetrics({ register: ofProcess })
  }
  return ofProcess
}

const measuresOf = ({ roles }: MeasuredNode): readonly Measure[] => [
  ...nodeMeasures,
  ...membershipMeasures,
  ...(roles.includes('worker') ? workerMeasures : []),
  ...(roles.includes('manager') ? shardMeasures : []),
]

/**
 * A metric as a registry takes it: one of the library's own would keep values of its own beside those that the node has.
 * All that a registry asks of a metric are its name and `get`.
 */
function readable({ name, help, type, read }: Measure, node: MeasuredNode, now: () => NodeReading): Metric {
  const get = async () => ({
    ...{ name, help, type },
    values: read(now(), node).map(({ name: metricName = name, labels, value }) => ({
      ...{ metricName, labels, value },
    })),
  })
  return { name, get } as unknown as Metric
}

/** Everything that a node can be measured by. Nothing is looked at before somebody asks for the text. */
export function expose(node: MeasuredNode): Exposition {
  const { name, cluster } = node
  const own = new Registry()
  let reading: NodeReading
  for (const measure of measuresOf(node)) own.registerMetric(readable(measure, node, () => reading))
  const registry = Registry.merge([own, processRegistry()])
  registry.setDefaultLabels({ cluster, node: name })
  return {
    contentType: registry.contentType,
    text() {
      // One look for all metrics of a scrape, so that they fit each other.
      reading = node.read()
      return registry.metrics()
    },
  }
}
