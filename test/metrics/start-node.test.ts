import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { type MetricsOptions, startNode } from 'covey'
import { rejection } from '../covey/client-world.js'
import { ask } from '../harness/ask.js'
import { root } from '../house/repository.js'
import { MeasuredCluster } from './measured-cluster.js'

describe('A node that is told to serve metrics', () => {
  let measured: MeasuredCluster
  beforeEach(() => {
    measured = new MeasuredCluster()
  })
  afterEach(() => measured.close())

  const portOf = (url = ''): number => Number(new URL(url).port)
  const startElsewhere = (metrics: MetricsOptions) =>
    rejection(startNode({ name: 'n2', server: 'nats://127.0.0.1:1', logger: 'silent', metrics }))

  it('gives their port back when it is closed', async () => {
    const { metricsUrl = '' } = await measured.start()
    await measured.node.close()
    expect(await rejection(ask(metricsUrl))).to.have.property('code', 'ECONNREFUSED')
    expect(await measured.start({ port: portOf(metricsUrl) })).to.have.property('metricsUrl', metricsUrl)
  })

  it('does not dial where they cannot be served, and says what and where', async () => {
    const port = portOf((await measured.start()).metricsUrl)
    const refused = await startElsewhere({ port })
    expect(refused).to.include({ code: 'invalid_options', address: `127.0.0.1:${port}` })
    expect(await startElsewhere({ port: 70_000 })).to.include({ address: 'metrics.port' })
    const unknown: object = { port: 0, hosts: '127.0.0.1' }
    expect(await startElsewhere(unknown as MetricsOptions)).to.include({
      ...{ code: 'invalid_options', address: 'startNode.metrics', mend: 'did you mean host?' },
    })
  })

  it('keeps no port when it reaches no broker', async () => {
    const port = portOf((await measured.start()).metricsUrl)
    await measured.node.close()
    expect(await startElsewhere({ port })).to.have.property('code', 'unreachable')
    await measured.start({ port })
  })

  it('serves none unless it is told to', async () => {
    const node = await measured.start(null)
    expect(node.metricsUrl).to.equal(undefined)
  })

  it('loads the library of Prometheus then, and not before', async () => {
    const isLoaded = `Object.keys(createRequire(import.meta.url).cache).some((path) => path.includes('prom-client'))`
    const program = [
      `import { createRequire } from 'node:module'`,
      `import { openMetrics } from '@covey/metrics'`,
      `import 'covey'`,
      `const before = ${isLoaded}`,
      `const endpoint = await openMetrics({ port: 0 })`,
      `console.log(before, ${isLoaded})`,
      `await endpoint.close()`,
    ].join('\n')
    const args = ['--input-type=module', '--eval', program]
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root })
    expect(stdout).to.equal('false true\n')
  })
})
