import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { StatelyBridge } from '@covey/inspector'
import { expect } from 'chai'
import { eventually } from '../cli/calls.js'
import { double } from '../covey/cluster-world.js'
import { StatelyWorld } from '../inspector/stately-world.js'
import { chromiumFor, PageInBrowser } from './browser.js'
import { ScriptedServer } from './scripted-server.js'

const modules = fileURLToPath(new URL('../../node_modules/', import.meta.url))
/** Nothing of these is called by a receiver. */
const unused = 'data:text/javascript,export default {}; export const stringify = JSON.stringify'
const imports = {
  '@statelyai/inspect': '/@statelyai/inspect/dist/index.mjs',
  '#uuid': '/@statelyai/inspect/dist/uuid-browser.mjs',
  xstate: '/xstate/dist/xstate.esm.js',
  'isomorphic-ws': '/isomorphic-ws/browser.js',
  'fast-safe-stringify': unused,
  'safe-stable-stringify': 'data:text/javascript,export default { configure: () => JSON.stringify }',
  partysocket: unused,
  superjson: unused,
}

/** A page that writes down what a receiver of the package hears. */
const pageOf = (receiver: string): string => `<!doctype html><body>
<script type="importmap">${JSON.stringify({ imports })}</script>
<script type="module">
import { createBrowserReceiver, createWebSocketReceiver } from '@statelyai/inspect'
const word = document.createElement('pre')
document.body.append(word)
${receiver}.subscribe(({ type, sessionId, snapshot }) => {
  word.textContent += [type, sessionId, snapshot?.value].join(' ') + '\\n'
})
</script>`

describe('Chromium beside the bridge to the inspector of Stately', function () {
  this.timeout(60_000)
  let world: StatelyWorld
  let elsewhere: Server
  let page: PageInBrowser | undefined

  /** What makes the receiver of the page that is not ours. */
  let receiver = ''
  const origin = (): string => `http://localhost:${(elsewhere.address() as AddressInfo).port}`

  let chromium = ''
  before(function () {
    chromium = chromiumFor(this)
  })
  beforeEach(async () => {
    world = new StatelyWorld()
    await world.start()
    elsewhere = createServer(({ url = '/' }, response) => {
      const isModule = /\.m?js$/.test(url)
      response.setHeader('Content-Type', isModule ? 'text/javascript' : 'text/html')
      response.end(isModule ? readFileSync(join(modules, url)) : pageOf(receiver))
    })
    await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve))
  })
  afterEach(async () => {
    await page?.close()
    elsewhere.closeAllConnections()
    await new Promise((resolve) => elsewhere.close(resolve))
    await world.close()
  })

  const open = async (url: string): Promise<PageInBrowser> => {
    page = await PageInBrowser.open(chromium, url)
    return page
  }
  const run = async (): Promise<void> => {
    const client = await world.client()
    const job = await world.during(client.submit(double, 1, { id: 'j' }))
    await world.during(job.ended())
  }
  /** Passes virtual time until somebody reads of the end of the job. */
  const untilRead = async (read: () => Promise<string>): Promise<string> => {
    for (let turn = 0; turn < 500; turn += 1) {
      await world.pass(50)
      const text = await read()
      if (text.includes('@xstate.snapshot shard.0/j completed')) return text
    }
    throw new Error(`In vain waited for the end of the job, and read ${await read()}`)
  }
  const isThere = (bridge: StatelyBridge): Promise<unknown> =>
    eventually('it is connected', () => bridge.inspectors === 1)

  it('shows an inspector in its frame what happens, and tells no other origin', async () => {
    receiver = 'createBrowserReceiver()'
    const bridge = await world.bridge({ inspectorUrl: `${origin()}/inspect` })
    const { page: chrome, faults } = await open(bridge.url)
    await isThere(bridge)
    await world.pass(500)
    await run()
    const read = async (): Promise<string> => {
      const frame = chrome.frames().find((found) => found.url().startsWith(origin()))
      return String(await frame?.evaluate('document.body.innerText'))
    }
    const text = await untilRead(read)
    expect(text).to.include('@xstate.snapshot w2/1/worker ready')
    expect(text).to.include('@xstate.actor shard.0/j')
    expect(faults).to.deep.equal([])
  })

  it('is a link in the help of our own page, with what makes it lead there', async () => {
    const server = new ScriptedServer({ type: 'hello', cluster: 'test', version: '1.2.3', mayOperate: true })
    try {
      const ours = await open(await server.listen())
      // The keys are heard once the page is drawn.
      await ours.reads(/Timeline/)
      await ours.page.keyboard.press('?')
      await ours.reads(/covey inspect --stately --port 4281/)
      const link = await ours.value<string>('document.querySelector("a[target=_blank]").href')
      expect(link).to.equal('http://127.0.0.1:4281/')
    } finally {
      await page?.close()
      page = undefined
      await server.close()
    }
  })

  it('lets createWebSocketReceiver of a named page read, and no other page', async () => {
    const bridge = await world.bridge({ origins: [origin()] })
    receiver = `createWebSocketReceiver({ server: ${JSON.stringify(bridge.streamUrl)} })`
    const shown = await open(origin())
    await isThere(bridge)
    await world.pass(500)
    await run()
    expect(await untilRead(() => shown.text())).to.include('@xstate.actor m1/1/manager serving')
    await shown.close()
    await eventually('the first has left', () => bridge.inspectors === 0)
    const refused = await open(origin().replace('localhost', '127.0.0.1'))
    await eventually('it is refused', () => refused.faults.length > 0)
    expect(refused.faults.join()).to.include('403')
    expect([bridge.inspectors, await refused.text()]).to.deep.equal([0, ''])
  })
})
