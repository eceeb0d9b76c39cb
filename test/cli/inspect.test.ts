import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createWebSocketReceiver } from '@statelyai/inspect'
import { expect } from 'chai'
import { TestPage } from '../inspector/test-page.js'
import { isListening } from '../nats/broker-owner.js'
import { beginCall, callCovey, eventually } from './calls.js'
import { liveClusterOfSuite } from './live-cluster.js'
import { recordTerminal } from './recorded-terminal.js'

/** Opens the stream of an inspector as its page does. */
async function openPage(url: string): Promise<TestPage> {
  const { host, hash } = new URL(url)
  const page = await TestPage.open(`ws://${host}/live${hash.replace('#', '?')}`)
  if (typeof page === 'number') throw new Error(`refused: ${page}`)
  return page
}

describe('the inspector of a cluster', function () {
  this.timeout(60_000)
  const cluster = liveClusterOfSuite('--nodes', '1')

  it('is served by covey up, and named in its file', async () => {
    const file = JSON.parse(readFileSync(join(cluster.folder, '.covey', 'cluster.json'), 'utf8')) as {
      inspector: string
    }
    expect(file.inspector).to.match(/^http:\/\/127\.0\.0\.1:\d+\/$/)
    expect(cluster.up).to.have.property('inspector', file.inspector)
    const page = await openPage(file.inspector)
    await eventually('every node is shown', () =>
      ['manager-1/1/manager', 'worker-1/1/worker'].every((key) => page.actors.has(key)),
    )
    const { context } = await page.ask('actor.get', { key: 'worker-1/1/worker' })
    expect(context).to.be.an('object')
    await callCovey(cluster.folder, 'submit', 'greet', '--input', '{"who":"you"}', '--id', 'seen', '--wait')
    await eventually('the job is shown', () => page.actors.get('shard.0/seen')?.state === 'completed')
    expect(await page.ask('jobs.list', {})).to.deep.include({
      id: 'seen',
      state: 'completed',
      total: 1,
      ended: 1,
    })
    const { rows } = await page.ask('log.page', { shard: 0, from: 1, count: 5 })
    expect(rows[0]).to.include({ kind: 'claim', sequence: 1 })
    const { last } = await page.ask('log.page', { shard: 0, from: 1, count: 1 })
    const folded = await page.ask('log.fold', { shard: 0, sequence: last })
    expect(folded.jobs).to.deep.equal([{ id: 'seen', state: 'completed', total: 1, ended: 1 }])
    page.close()
  })

  it('is served by covey inspect as well, behind a token, until Ctrl-C', async () => {
    const { terminal, ended } = beginCall(cluster.folder, 'inspect', '--token', '--json')
    const line = await eventually('it is served', () => terminal.printed[0])
    const { url, cluster: name } = JSON.parse(line) as { url: string; cluster: string }
    expect(name).to.equal('default')
    expect(url).to.match(/#token=[0-9a-f]{32}$/)
    const { host } = new URL(url)
    expect(await TestPage.open(`ws://${host}/live`)).to.equal(401)
    const page = await openPage(url)
    await eventually('it is told', () => page.actors.size > 0)
    page.close()
    terminal.interrupt()
    expect((await ended).code).to.equal(130)
    await eventually('nobody listens', async () => !(await isListening(url)))
  })

  it('gives way to the inspector of Stately, on loopback only', async () => {
    const { terminal, ended } = beginCall(cluster.folder, 'inspect', '--stately', '--json')
    const line = await eventually('it is served', () => terminal.printed[0])
    const { url, stream } = JSON.parse(line) as { url: string; stream: string }
    expect(stream).to.equal(`${url.replace('http', 'ws')}live`)
    const told = new Set<string>()
    const contexts = new Map<string, object>()
    createWebSocketReceiver({ server: stream }).subscribe((event) => {
      told.add(event.sessionId)
      if (event.type !== '@xstate.event' && 'context' in event.snapshot)
        contexts.set(event.sessionId, event.snapshot.context)
    })
    await eventually('it is told', () => told.has('manager-1/1/manager') && told.has('worker-1/1/worker'))
    await eventually('a context', () => 'shard' in (contexts.get('manager-1/1/leadership.0') ?? {}))
    terminal.interrupt()
    expect((await ended).code).to.equal(130)
    const elsewhere = await callCovey(cluster.folder, 'inspect', '--stately', '--host', '0.0.0.0')
    expect([elsewhere.code, elsewhere.stderr]).to.satisfy(
      ([code, text]: [number, string]) => code === 2 && text.includes('only this machine'),
    )
    expect((await callCovey(cluster.folder, 'inspect', '--stately', '--origin', 'mine')).code).to.equal(2)
  })

  it('is not served to other machines without a token', async () => {
    const { code, stderr } = await callCovey(cluster.folder, 'inspect', '--host', '0.0.0.0')
    expect(code).to.equal(2)
    expect(stderr).to.contain('error invalid_options: without a token').and.to.contain('give a token')
  })

  it('ends with the cluster, and is left away where it is not wanted', async () => {
    const terminal = recordTerminal()
    const up = (...args: string[]) =>
      beginCall(terminal.folder, 'up', '--nodes', '0', '--transport', 'memory', '--json', ...args)
    const inspectorOf = async ({ terminal: { printed } }: ReturnType<typeof up>): Promise<string | null> =>
      (JSON.parse(await eventually('it is up', () => printed[0])) as { inspector: string | null }).inspector
    const call = up()
    const url = (await inspectorOf(call)) ?? ''
    expect(await isListening(url)).to.equal(true)
    call.terminal.interrupt()
    expect((await call.ended).code).to.equal(0)
    expect(await isListening(url)).to.equal(false)
    const without = up('--no-inspect')
    expect(await inspectorOf(without)).to.equal(null)
    without.terminal.interrupt()
    expect((await without.ended).code).to.equal(0)
    terminal.remove()
  })

  it('says that nobody is there where no node of the cluster is', async () => {
    const { code, stderr } = await callCovey(cluster.folder, 'inspect', '--cluster', 'nobody')
    expect(code).to.equal(3)
    expect(stderr).to.contain('no node of cluster nobody')
  })
})
