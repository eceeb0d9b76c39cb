import { describeMachine } from '@covey/engine'
import { workflowMachine } from '@covey/machines'
import { expect } from 'chai'
import { eventually } from '../cli/calls.js'
import { chromiumFor, PageInBrowser } from './browser.js'
import { actorRow, foldedRow, letterRow, transitionRow } from './rows.js'
import { ScriptedServer } from './scripted-server.js'

const evil = '<img src=x onerror="document.title=1">'
const actors = [
  actorRow('manager-1', 'node', 'node.manager-1', 'active'),
  ...Array.from({ length: 9_999 }, (_, index) =>
    foldedRow('workflow', `big/count-${index}`, index === 7_777 ? 'running' : 'queued'),
  ),
]

describe('the page before a cluster of 10,000 actors (needs Chromium)', function () {
  this.timeout(60_000)
  const server = new ScriptedServer(
    { type: 'hello', cluster: 'large', version: '1.2.3', mayOperate: true },
    { type: 'charts', charts: [describeMachine(workflowMachine)] },
    { type: 'actors', full: true, changed: actors, gone: [] },
  )
  let browser: PageInBrowser | undefined
  const page = (): PageInBrowser => browser as PageInBrowser

  before(async function () {
    const chromium = chromiumFor(this)
    browser = await PageInBrowser.open(chromium, `${await server.listen()}#/actors`)
  })
  after(async () => {
    await browser?.close()
    if (browser !== undefined) await server.close()
  })

  it('lists them all, of which only those in sight are there', async () => {
    await page().reads(/^10,000 actors/, '.note')
    await page().click('[data-key="shard.0 workflow"]')
    await eventually('the branch is open', async () => (await page().count('.line[data-level="3"]')) > 10)
    expect(await page().count('.line')).to.be.below(120)
  })

  it('finds one of them', async () => {
    await page().filter('running')
    await page().reads(/^1 of 10,000/, '.note')
    expect(await page().text('.list')).to.include('big/count-7777')
  })

  it('is steered by keys: to the filter, to a view, and into the tree', async () => {
    const { keyboard } = page().page
    await page().click('[data-key="shard.0 workflow"]')
    await keyboard.press('4')
    await page().reads(/Heard at/)
    await keyboard.press('2')
    await page().reads(/^10,000 actors/, '.note')
    await keyboard.press('/')
    await keyboard.type('count-42')
    await page().reads(/^111 of 10,000/, '.note')
    await page().page.focus('.list')
    await keyboard.press('End')
    await eventually('the last one is chosen', async () =>
      (await page().value<string>('location.hash')).includes('count-42'),
    )
    await keyboard.press('Escape')
  })

  it('keeps up with a storm of changes', async () => {
    for (let frame = 0; frame < 20; frame += 1) {
      const changed = actors
        .slice(1, 2_001)
        .map((row) => ({ ...row, state: frame % 2 ? 'running' : 'assigned' }))
      server.tell({ type: 'actors', full: false, changed, gone: [] })
    }
    await page().goTo('#/actors')
    await page().reads(/Choose an actor/)
    await page().filter('running')
    await page().reads(/^2,001 of 10,000/, '.note')
  })

  it('says that the timeline is sampled, pauses it, and steps', async () => {
    await page().goTo('#/timeline')
    server.tell({ type: 'transitions', shown: [transitionRow(1), transitionRow(2)], seen: 5_000 })
    await page().reads(/shown 2 of 5,000 \(sampled/, '.note')
    await page().page.keyboard.press('p')
    await page().reads(/paused, 0 wait/, '.note')
    server.tell({ type: 'transitions', shown: [transitionRow(3), transitionRow(4)], seen: 2 })
    await page().reads(/2 listed .* paused, 2 wait/, '.note')
    await page().page.keyboard.press('.')
    await page().reads(/3 listed .* paused, 1 wait/, '.note')
    await page().page.keyboard.press('p')
    await page().reads(/4 listed · shown 4 of 5,002/, '.note')
  })

  it('lists 2,000 dead letters by why they reached nobody, finds some, and goes through them by keys', async () => {
    const rows = Array.from({ length: 2_000 }, (_, index) => letterRow(2_000 - index))
    server.answer = ({ type }) => (type === 'letters.list' ? { rows, total: 31_400 } : undefined)
    await page().page.keyboard.press('6')
    await page().reads(/^2,000 listed · 2,000 kept of 31,400/, '.note')
    await page().reads(/unknown: nobody lives there/, '.list')
    expect(await page().count('.line')).to.be.below(120)
    await page().filter('worker-1 peer.42')
    await page().reads(/^11 listed/, '.note')
    await page().page.focus('.list')
    await page().page.keyboard.press('End')
    await page().reads(/peer\.42\b/, '.line[data-pick="true"]')
    expect(await page().value('location.hash')).to.equal('#/letters/worker-1%2F1%2F42')
    server.answer = () => ({ rows: [], total: 0 })
    await page().reads(/^Every event has reached its actor/, '.note')
  })

  it('shows whatever a context holds as text', async () => {
    const row = foldedRow('workflow', 'big/count-1', 'running')
    server.answer = () => ({
      row,
      context: { [evil]: evil },
      timers: [{ event: evil, dueInMs: 5 }],
      last: [],
    })
    await page().goTo('#/actors/shard.0%2Fbig%2Fcount-1')
    await page().reads(/<img src=x onerror/, '[aria-label="Timers"]')
    expect(await page().text('.tree')).to.include(evil)
    expect(await page().count('main img')).to.equal(0)
    expect(await page().value('document.title')).to.equal('large · Covey')
  })

  it('says that it has lost its server, how old what it shows is, and comes back by itself', async () => {
    await server.close()
    await page().reads(/lost its server/, '[role="alert"]')
    await server.listen()
    await page().reads(/live/, '.top')
    expect(await page().text('main')).not.to.match(/lost its server/)
    // That the socket broke is the only fault, and the browser writes it by itself.
    expect(page().faults.filter((fault) => !/WebSocket/.test(fault))).to.deep.equal([])
  })
})
