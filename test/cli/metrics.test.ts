import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { expect } from 'chai'
import { planNodes } from '../../packages/cli/src/launch/plan-nodes.js'
import { metricsPlace, wantedMetrics } from '../../packages/cli/src/wanted-metrics.js'
import { beginCall, callCovey, eventually } from './calls.js'
import { type RecordedTerminal, recordTerminal } from './recorded-terminal.js'

describe('metrics of the command', () => {
  let terminal: RecordedTerminal
  beforeEach(() => {
    terminal = recordTerminal()
  })
  afterEach(() => terminal.remove())

  const wanted = (environment: Record<string, string>, option?: string) =>
    wantedMetrics({ ...terminal, environment }, option)

  it('are served nowhere unless somebody asks', () => {
    expect(wanted({})).to.equal(undefined)
    expect(wanted({ COVEY_METRICS: '', COVEY_METRICS_TOKEN: 'x', OTEL_METRICS_EXPORTER: 'otlp' })).to.equal(
      undefined,
    )
  })

  it('are served where the option says, else where a variable says', () => {
    expect(wanted({}, '9464')).to.deep.equal({ port: 9_464 })
    expect(wanted({ COVEY_METRICS: '1' }, '0.0.0.0:2')).to.deep.equal({ host: '0.0.0.0', port: 2 })
    expect(wanted({ COVEY_METRICS: '[::1]:3' })).to.deep.equal({ host: '::1', port: 3 })
    expect(wanted({ COVEY_METRICS: '4', COVEY_METRICS_TOKEN: 'secret' })).to.deep.equal({
      ...{ port: 4, token: 'secret' },
    })
  })

  it('are served where the variables of OpenTelemetry say', () => {
    const exporter = { OTEL_METRICS_EXPORTER: 'otlp, prometheus' }
    expect(wanted(exporter)).to.deep.equal({ host: '127.0.0.1', port: 9_464 })
    const place = { OTEL_EXPORTER_PROMETHEUS_HOST: '::', OTEL_EXPORTER_PROMETHEUS_PORT: '1234' }
    expect(wanted({ ...exporter, ...place })).to.deep.equal({ host: '::', port: 1_234 })
    expect(wanted(place)).to.equal(undefined)
  })

  it('are not served where the option says so, whatever variables say', () => {
    const environment = { COVEY_METRICS: '1', OTEL_METRICS_EXPORTER: 'prometheus' }
    expect(wanted(environment, 'none')).to.equal(undefined)
    expect(wanted({ ...environment, COVEY_METRICS: 'none' })).to.equal(undefined)
    // What `covey up` says to its nodes where it serves none: they cannot share the port of a variable.
    expect(metricsPlace(undefined)).to.equal('none')
  })

  it('are refused where that is no place, by the name of who said it', async () => {
    for (const text of ['here', ':9464', '1.2.3.4', '::1:80', '9464 ', '-1', 'a b:1', 'http://a:1']) {
      expect(() => wanted({ COVEY_METRICS: text }), text)
        .to.throw()
        .that.includes({ code: 'invalid_options', address: 'COVEY_METRICS' })
    }
    expect(() => wanted({ COVEY_METRICS: '1' }, ''))
      .to.throw('--metrics: "" is no port')
      .that.includes({ code: 'invalid_options', address: '--metrics' })
    const { code, stdout, stderr } = await callCovey(terminal.folder, 'up', '--metrics', 'here')
    expect([code, stdout]).to.deep.equal([2, ''])
    expect(stderr).to.contain('error invalid_options: --metrics: "here" is no port').and.to.contain('9464')
  })

  it('end a node before it dials where they cannot be served', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const { port } = taken.address() as AddressInfo
    const node = ['node', '--name', 'n', '--server', 'nats://127.0.0.1:1', '--metrics']
    const inUse = await callCovey(terminal.folder, ...node, String(port))
    expect([inUse.code, inUse.stdout]).to.deep.equal([2, ''])
    expect(inUse.stderr).to.contain(`cannot listen on 127.0.0.1:${port}`).and.contain('choose another port')
    const open = await callCovey(terminal.folder, ...node, `0.0.0.0:${port}`)
    expect(open.code).to.equal(2)
    expect(open.stderr).to.contain('without a token').and.contain('COVEY_METRICS_TOKEN')
    expect((await callCovey(terminal.folder, ...node, '70000')).stderr).to.contain('metrics.port is 70000')
    taken.close()
  })

  it('are those of each node, on ports in a row, or each on a free one', () => {
    const place = { url: '', cluster: 'c', logFolder: '' }
    const common = { managers: 2, workers: 2, slots: 1, workflows: [], folder: '/' }
    const portsFrom = (port: number) =>
      planNodes({ ...common, metrics: { host: '::1', port } }, place).map(
        ({ name, metrics }) => `${name} ${metricsPlace(metrics)}`,
      )
    expect(portsFrom(9_464)).to.deep.equal([
      ...['manager-1 [::1]:9464', 'manager-2 [::1]:9465', 'worker-1 [::1]:9466', 'worker-2 [::1]:9467'],
    ])
    expect(portsFrom(0).every((text) => text.endsWith('[::1]:0'))).to.equal(true)
    expect(planNodes(common, place).map(({ metrics }) => metrics)).to.deep.equal(Array(4).fill(undefined))
  })

  it('are served by the nodes of one process too, and the places are said', async () => {
    const args = ['up', '--transport', 'memory', '--nodes', '1', '--no-inspect', '--metrics', '0']
    const { terminal: user, ended } = beginCall(terminal.folder, ...args)
    const text = await eventually('it is up', () => user.printed[0])
    const places = [...text.matchAll(/(\w+-1) (http:\S+\/metrics)/g)].map(([, name, url]) => ({ name, url }))
    expect(places.map(({ name }) => name)).to.deep.equal(['manager-1', 'worker-1'])
    for (const { name, url = '' } of places)
      expect(await (await fetch(url)).text()).to.contain(`node="${name}"`)
    user.interrupt()
    expect((await ended).code).to.equal(0)
  })
})
