import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { rejection } from '../covey/client-world.js'
import { ask } from '../harness/ask.js'
import { InspectedWorld } from './inspected-world.js'
import { TestPage } from './test-page.js'

const token = 'a-token-of-the-test'

describe('The door of the inspector', () => {
  let world: InspectedWorld
  beforeEach(() => {
    world = new InspectedWorld()
  })
  afterEach(() => world.close())

  const statusOf = async (url: string, headers: Record<string, string> = {}): Promise<number> => {
    const page = await TestPage.open(url, { headers })
    if (typeof page === 'number') return page
    page.close()
    return 101
  }
  const liveOf = (url: string): string => `${url.replace('http', 'ws').replace(/#.*/, '')}live`

  it('serves the page, with headers that let it load nothing from elsewhere', async () => {
    const { url, isBuilt } = await world.inspect()
    expect(isBuilt).to.equal(true)
    const { status, headers, text } = await ask(url)
    expect([status, text]).to.deep.equal([200, '<!doctype html><title>Inspector</title>'])
    expect(headers['content-security-policy'])
      .to.include("default-src 'none'")
      .and.include("script-src 'self';")
    expect(headers).to.include({ 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' })
    expect((await ask(`${url}nothing`)).status).to.equal(404)
    expect((await ask(`${url}..%2f..%2fpackage.json`)).status).to.equal(404)
    expect((await ask(url, { method: 'POST' })).status).to.equal(405)
  })

  it('says so when the page has not been built', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'covey-no-page-'))
    const { url, isBuilt } = await world.inspect({ folder })
    rmSync(folder, { recursive: true })
    expect(isBuilt).to.equal(false)
    expect(await ask(url))
      .to.deep.include({ status: 503 })
      .and.property('text')
      .include('npm run build')
  })

  it('refuses a foreign Host, under which another page could read it', async () => {
    const { url } = await world.inspect()
    const { port } = new URL(url)
    for (const host of [
      'evil.example',
      `evil.example:${port}`,
      '127.0.0.1.evil.example',
      '[::1',
      '10.0.0.1',
    ]) {
      expect((await ask(url, { headers: { host } })).status, host).to.equal(403)
      expect(await statusOf(liveOf(url), { host }), host).to.equal(403)
    }
    for (const host of [`localhost:${port}`, `127.0.0.1:${port}`, `[::1]:${port}`, `LOCALHOST:${port}`]) {
      expect((await ask(url, { headers: { host } })).status, host).to.equal(200)
    }
  })

  it('refuses the stream to pages of another origin', async () => {
    const { url } = await world.inspect()
    const { host, port } = new URL(url)
    for (const origin of [
      'http://evil.example',
      'null',
      `https://${host}`,
      `http://localhost:${port}`,
      'http://127.0.0.1',
    ]) {
      expect(await statusOf(liveOf(url), { origin }), origin).to.equal(403)
      expect((await ask(url, { headers: { origin } })).status, origin).to.equal(403)
    }
    expect(await statusOf(liveOf(url), { origin: `http://${host}` })).to.equal(101)
    expect(await statusOf(liveOf(url).replace('live', 'other'))).to.equal(404)
  })

  it('lets nobody listen without the token, where there is one', async () => {
    const { url } = await world.inspect({ token })
    expect(url).to.match(/^http:\/\/127\.0\.0\.1:\d+\/#token=a-token-of-the-test$/)
    const live = liveOf(url)
    for (const query of [
      '',
      '?token=',
      '?token=a-token-of-the-tes',
      '?token=a-token-of-the-test2',
      '?Token=x',
    ]) {
      expect(await statusOf(live + query), query).to.equal(401)
    }
    expect(await statusOf(`${live}?token=${token}`)).to.equal(101)
  })

  it('does not open to other machines without a token, nor with a short one', async () => {
    for (const options of [
      { host: '0.0.0.0' },
      { host: '192.0.2.1' },
      { host: '0.0.0.0', token: 'short' },
      { token: 'a b'.repeat(9) },
    ]) {
      const error = await rejection(world.inspect(options))
      expect(error, JSON.stringify(options)).to.have.property('code', 'invalid_options')
    }
    const { url } = await world.inspect({ host: '0.0.0.0', token })
    const { port } = new URL(url)
    expect((await ask(url.replace(/#.*/, ''), { headers: { host: `192.0.2.7:${port}` } })).status).to.equal(
      200,
    )
    expect(
      (await ask(url.replace(/#.*/, ''), { headers: { host: `evil.example:${port}` } })).status,
    ).to.equal(403)
  })

  it('says what to do about a port that is taken', async () => {
    const { url } = await world.inspect()
    const error = await rejection(world.inspect({ port: Number(new URL(url).port) }))
    expect(error)
      .to.include({ code: 'invalid_options' })
      .and.property('mend')
      .match(/another port/)
  })

  it('takes in as many pages as it may, and another when one has gone', async () => {
    const inspector = await world.inspect({ limits: { pagesMax: 2 } })
    const [first] = [await world.page(inspector), await world.page(inspector)]
    expect(await statusOf(liveOf(inspector.url))).to.equal(503)
    first?.close()
    await world.until('one has gone', () => inspector.pages === 1)
    expect(await statusOf(liveOf(inspector.url))).to.equal(101)
  })
})
