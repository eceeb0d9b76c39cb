import { request } from 'node:http'
import { networkInterfaces } from 'node:os'
import type { StatelyBridge } from '@covey/inspector'
import { expect } from 'chai'
import { rejection } from '../covey/client-world.js'
import { StatelyWorld } from './stately-world.js'
import { TestPage } from './test-page.js'

describe('the door of the bridge to the inspector of Stately', () => {
  let world: StatelyWorld
  let bridge: StatelyBridge

  beforeEach(async () => {
    world = new StatelyWorld()
    bridge = await world.bridge({ origins: ['http://localhost:5173'], limits: { inspectorsMax: 1 } })
  })
  afterEach(() => world.close())

  /** Whether a socket is let in, or the status by which it is refused. */
  const knock = async (headers: Record<string, string>): Promise<number | 'in'> => {
    const page = await TestPage.open(bridge.streamUrl, { headers })
    if (typeof page === 'number') return page
    page.close()
    return 'in'
  }
  const get = (path: string, headers: Record<string, string> = {}) =>
    new Promise<{ status: number; headers: Record<string, unknown>; text: string }>((resolve, reject) => {
      const asked = request(new URL(path, bridge.url), { headers }, (response) => {
        const parts: Buffer[] = []
        response.on('data', (part: Buffer) => parts.push(part))
        response.on('end', () => {
          const { statusCode: status = 0 } = response
          resolve({ status, headers: response.headers, text: Buffer.concat(parts).toString() })
        })
      })
      asked.on('error', reject).end()
    })

  it('lets in programs of this machine, its own page, and pages that were named', async () => {
    expect(await knock({})).to.equal('in')
    await world.until('it has left', () => bridge.inspectors === 0)
    expect(await knock({ Origin: bridge.url.slice(0, -1) })).to.equal('in')
    await world.until('it has left', () => bridge.inspectors === 0)
    expect(await knock({ Origin: 'http://localhost:5173' })).to.equal('in')
  })

  it('refuses other pages, and names that somebody has led to this machine', async () => {
    expect(await knock({ Origin: 'https://example.com' })).to.equal(403)
    expect(await knock({ Origin: 'http://localhost:5174' })).to.equal(403)
    expect(await knock({ Host: 'example.com' })).to.equal(403)
    expect(await knock({ Host: 'example.com', Origin: 'http://localhost:5173' })).to.equal(403)
    expect((await get('/', { Host: 'example.com' })).status).to.equal(403)
  })

  it('refuses more inspectors than it can serve', async () => {
    const first = await TestPage.open(bridge.streamUrl)
    expect(await knock({})).to.equal(503)
    if (typeof first === 'object') first.close()
  })

  it('refuses an origin that is none', async () => {
    expect(await rejection(world.bridge({ origins: ['localhost'] }))).to.include({
      code: 'invalid_options',
      message: 'localhost is not the origin of a page',
    })
  })

  it('listens on loopback only', async () => {
    const others = Object.values(networkInterfaces()).flatMap((list = []) =>
      list.filter(({ internal, family }) => !internal && family === 'IPv4'),
    )
    const { port } = new URL(bridge.url)
    for (const { address } of others) {
      const error: NodeJS.ErrnoException = await fetch(`http://${address}:${port}/`).then(
        () => new Error('it was served'),
        ({ cause }: Error) => cause as Error,
      )
      expect(error.code).to.equal('ECONNREFUSED')
    }
  })

  it('serves a page that may frame the inspector of Stately and nothing else', async () => {
    const { status, headers, text } = await get('/')
    expect(status).to.equal(200)
    expect(text).to.include('data-inspector="https://stately.ai/inspect"')
    expect(headers['content-security-policy']).to.include('frame-src https://stately.ai;')
    expect(headers['content-security-policy']).to.include("script-src 'self'")
    const script = await get('/bridge.js')
    expect(script.status).to.equal(200)
    expect(script.text).to.include('has not answered for').and.to.include('clearTimeout(late)')
    expect((await get('/elsewhere')).status).to.equal(404)
  })
})
