import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openMetrics } from '@covey/metrics'
import { seededRandom } from '@covey/transport'
import { expect } from 'chai'
import { StatelyWorld } from '../inspector/stately-world.js'
import { StatedNode } from '../metrics/stated-node.js'
import { fuzzedFrames, fuzzSeed } from './fuzz-size.js'
import { PageMutator } from './page-mutator.js'
import { answerMs, exchange } from './raw-page.js'

const count = Math.ceil(fuzzedFrames / 100)
const secret = 'what no page is shown'
const token = 'a-token-of-the-test'

const requestOf = (port: number, path: string, ...headers: string[]): Buffer =>
  Buffer.from([`GET ${path} HTTP/1.1`, `Host: 127.0.0.1:${port}`, ...headers, '', ''].join('\r\n'))

describe('The door for requests', function () {
  this.timeout(60_000 + count * 100)
  let world: StatelyWorld
  let folder: string
  const closing: (() => unknown)[] = []

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'covey-fuzzed-page-'))
    mkdirSync(join(folder, 'page'))
    writeFileSync(join(folder, 'page/index.html'), '<!doctype html>')
    writeFileSync(join(folder, 'secret.txt'), secret)
    world = new StatelyWorld()
  })
  after(async () => {
    for (const close of closing) await close()
    await world.close()
    rmSync(folder, { recursive: true })
  })

  const inspect = async (more: object = {}): Promise<string> =>
    (await world.inspect({ folder: join(folder, 'page'), ...more })).url
  const measure = async (more: object = {}): Promise<string> => {
    const endpoint = await openMetrics({ port: 0, ...more })
    closing.push(() => endpoint.close())
    endpoint.show(new StatedNode())
    return endpoint.url
  }

  for (const [name, start, path] of [
    ['of the inspector', inspect, '/'],
    ['of an inspector with a token', () => inspect({ token }), '/'],
    ["of the bridge to Stately's inspector", async () => (await world.bridge()).url, '/'],
    ['of the metrics', measure, '/metrics'],
    ['of metrics with a token', () => measure({ token }), `/metrics?token=${token}`],
  ] as const) {
    it(`${name} answers ${count} of them with a status, and shows nothing else (seed ${fuzzSeed})`, async () => {
      const port = Number(new URL(await start()).port)
      const mutator = new PageMutator(seededRandom(fuzzSeed))
      const seen = new Map<string, number>()
      for (let number = 0; number < count; number += 1) {
        const request = mutator.request(port)
        const response = await exchange(port, request)
        const [, status = 'none'] = /^HTTP\/1\.1 (\d{3}) /.exec(response) ?? []
        seen.set(status, (seen.get(status) ?? 0) + 1)
        expect(response).to.not.contain(secret)
        const shown = request.toString('latin1').slice(0, 300)
        if (response !== '') expect(status, shown).to.not.match(/^none$|^500$/)
      }
      // What is only half of a request, and not spoilt, asks for nothing yet.
      expect(seen.get('none') ?? 0).to.be.below(count / 5)
      expect([...seen.keys()]).to.include.members(['400', '403'])
      expect(await exchange(port, requestOf(port, path), answerMs)).to.match(/^HTTP\/1\.1 200 /)
    })
  }

  it('gives all of the page to who wants a part of it that ends before it begins', async () => {
    const port = Number(new URL(await inspect()).port)
    const response = await exchange(port, requestOf(port, '/', 'Range: bytes=9-1'), answerMs)
    expect(response).to.match(/^HTTP\/1\.1 200 .*<!doctype html>$/s)
  })

  it('finds nothing where the page is just being built anew, and lives on', async () => {
    const port = Number(new URL(await inspect()).port)
    const page = join(folder, 'page/index.html')
    rmSync(page)
    expect(await exchange(port, requestOf(port, '/'), answerMs)).to.match(/^HTTP\/1\.1 404 /)
    writeFileSync(page, '<!doctype html>')
    expect(await exchange(port, requestOf(port, '/'), answerMs)).to.match(/^HTTP\/1\.1 200 /)
  })
})
