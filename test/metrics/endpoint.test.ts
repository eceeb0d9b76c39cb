import { workerMachine } from '@covey/machines'
import { type MetricsEndpoint, type MetricsOptions, openMetrics } from '@covey/metrics'
import { expect } from 'chai'
import { rejection } from '../covey/client-world.js'
import { ask } from '../harness/ask.js'
import { seriesOf } from './scrape.js'
import { StatedNode } from './stated-node.js'

const token = 'a-token-of-the-test'

describe('The metrics endpoint', () => {
  const open: MetricsEndpoint[] = []
  afterEach(() => Promise.all(open.splice(0).map((endpoint) => endpoint.close())))

  const serve = async (options: Partial<MetricsOptions> = {}, node = new StatedNode()) => {
    const endpoint = await openMetrics({ port: 0, ...options })
    open.push(endpoint)
    endpoint.show(node)
    return { url: endpoint.url, node, at: (path: string) => new URL(path, endpoint.url).href }
  }

  it('tells in the format of Prometheus what the node has at this moment', async () => {
    const { url, node } = await serve()
    const { status, headers, text } = await ask(url)
    expect(status).to.equal(200)
    expect(headers['content-type']).to.match(/^text\/plain; version=0\.0\.4/)
    expect(text).to.include('# TYPE covey_dead_letters_total counter\n')
    const labels = 'cluster="test",node="w1"'
    const series = seriesOf(text)
    expect(series.get(`covey_dead_letters_total{${labels}}`)).to.equal(5)
    expect(series.get(`covey_broker_up{connection="data",${labels}}`)).to.equal(0)
    expect(series.get(`covey_frames_refused_total{kind="run",${labels}}`)).to.equal(3)
    expect(series.get(`covey_members{state="suspect",${labels}}`)).to.equal(1)
    expect(series.get(`covey_node_info{version="1.2.3",roles="worker",${labels}}`)).to.equal(1)
    expect([...series.keys()].filter((name) => name.startsWith('covey_shard'))).to.deep.equal([])
    node.reading = { ...node.reading, deadLetters: 6 }
    expect(seriesOf((await ask(url)).text).get(`covey_dead_letters_total{${labels}}`)).to.equal(6)
  })

  it('looks at the node once for a scrape, and never unasked', async () => {
    const { url, node } = await serve()
    expect(node.looks).to.equal(0)
    await ask(url)
    expect(node.looks).to.equal(1)
  })

  it('says of each state of a worker whether it is in it', async () => {
    const { url } = await serve()
    const series = seriesOf((await ask(url)).text)
    for (const state of Object.keys(workerMachine.states)) {
      const value = series.get(`covey_worker_state{state="${state}",cluster="test",node="w1"}`)
      expect(value, state).to.equal(state === 'full' ? 1 : 0)
    }
  })

  it('tells process and event loop beside, once for all nodes of a process', async () => {
    const [one, other] = [await serve(), await serve()]
    for (const { url } of [one, other]) {
      const { text } = await ask(url)
      expect(text).to.match(/^process_resident_memory_bytes\{cluster="test",node="w1"\} \d/m)
      expect(text).to.match(/^nodejs_eventloop_lag_p99_seconds\{/m)
    }
  })

  it('answers probes by 200 and 503, with the state and why', async () => {
    const { at, node } = await serve()
    expect(await ask(at('/live'))).to.deep.include({ status: 200, text: '{"ok":true,"state":"active"}\n' })
    expect((await ask(at('/startup'))).status).to.equal(200)
    const ready = await ask(at('/ready'))
    expect(ready.status).to.equal(503)
    expect(JSON.parse(ready.text)).to.have.property('reason', 'the data connection to the broker is down')
    node.reading = { ...node.reading, connections: [] }
    expect((await ask(at('/ready?verbose'))).status).to.equal(200)
  })

  it('answers as a node that starts before there is one', async () => {
    const endpoint = await openMetrics({ port: 0 })
    open.push(endpoint)
    const statusOf = async (path: string) => (await ask(new URL(path, endpoint.url).href)).status
    expect(await statusOf('/startup')).to.equal(503)
    expect(await statusOf('/live')).to.equal(200)
    expect(await statusOf('/ready')).to.equal(503)
    expect(await statusOf('/metrics')).to.equal(503)
  })

  it('has five paths, to be read', async () => {
    const { url, at } = await serve()
    const nowhere = await ask(at('/'))
    expect(nowhere.status).to.equal(404)
    expect(nowhere.text).to.include('/metrics, /live, /ready, /startup and /debug/connections')
    for (const path of ['/metrics/', '/Live', '/constructor', '//live']) {
      expect((await ask(new URL(url).origin + path)).status, path).to.equal(404)
    }
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
      const { status, headers } = await ask(url, { method })
      expect([status, headers.allow], method).to.deep.equal([405, 'GET, HEAD'])
    }
    expect(await ask(url, { method: 'HEAD' })).to.deep.include({ status: 200, text: '' })
  })

  it('refuses a foreign Host and the pages of others', async () => {
    const { at } = await serve()
    const { port } = new URL(at('/'))
    for (const path of ['/metrics', '/live', '/nowhere']) {
      for (const host of ['evil.example', `evil.example:${port}`, '10.0.0.1']) {
        expect((await ask(at(path), { headers: { host } })).status, host).to.equal(403)
      }
      expect((await ask(at(path), { headers: { origin: 'http://evil.example' } })).status).to.equal(403)
    }
    expect((await ask(at('/live'), { headers: { host: `localhost:${port}` } })).status).to.equal(200)
  })

  it('asks for the token, where there is one, by header or by query', async () => {
    const { at, url } = await serve({ token })
    const { origin } = new URL(url)
    for (const path of ['/metrics', '/live', '/ready', '/startup', '/debug/connections', '/nowhere', '//']) {
      expect((await ask(origin + path)).status, path).to.equal(401)
      expect((await ask(`${origin}${path}?token=${token}2`)).status, path).to.equal(401)
    }
    expect((await ask(at('/live'))).headers).to.have.property('www-authenticate', 'Bearer')
    expect((await ask(at('/live'), { headers: { authorization: `Bearer ${token}` } })).status).to.equal(200)
    expect((await ask(at('/live'), { headers: { authorization: `Basic ${token}` } })).status).to.equal(401)
    expect((await ask(at(`/metrics?token=${token}`))).status).to.equal(200)
  })

  it('opens to other machines with a token only', async () => {
    for (const options of [{ host: '0.0.0.0' }, { host: '192.0.2.1' }, { host: '0.0.0.0', token: 'short' }]) {
      const error = await rejection(serve(options))
      expect(error, JSON.stringify(options)).to.have.property('code', 'invalid_options')
    }
    const { url } = await serve({ host: '0.0.0.0', token })
    expect(url).to.match(/^http:\/\/127\.0\.0\.1:\d+\/metrics$/)
  })

  it('is asked from elsewhere by any name that shows the token in a header', async () => {
    const { at } = await serve({ host: '0.0.0.0', token })
    const host = 'worker-9.example:9464'
    const status = async (path: string, headers: Record<string, string>): Promise<number> =>
      (await ask(at(path), { headers: { host, ...headers } })).status
    const authorization = `Bearer ${token}`
    expect(await status('/metrics', { authorization })).to.equal(200)
    expect(await status('/metrics', { authorization: `${authorization}2` })).to.equal(403)
    expect(await status(`/metrics?token=${token}`, {})).to.equal(403)
    expect(await status(`/metrics?token=${token}`, { host: '10.0.0.7:9464' })).to.equal(200)
    expect(await status('/metrics', { authorization, origin: 'http://evil.example' })).to.equal(403)
    const { at: here } = await serve({ token })
    expect((await ask(here('/metrics'), { headers: { host, authorization } })).status).to.equal(403)
  })

  it('says what is wrong with a port or a host, and where', async () => {
    for (const port of [-1, 65_536, 1.5, Number.NaN, '9464' as unknown as number]) {
      const error = await rejection(serve({ port }))
      expect(error, String(port)).to.include({ code: 'invalid_options', address: 'metrics.port' })
      expect(error).to.have.property('message').that.includes('a whole number from 0 to 65535')
    }
    expect(await rejection(serve({ host: '' }))).to.include({ address: 'metrics.host' })
    const { url } = await serve()
    const port = Number(new URL(url).port)
    const error = await rejection(serve({ port }))
    expect(error).to.include({ code: 'invalid_options', address: `127.0.0.1:${port}` })
    expect(error).to.have.property('mend', 'choose another port, or let a free one be taken')
  })
})
