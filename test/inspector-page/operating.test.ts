import type { ServerNews } from '@covey/inspector'
import { expect } from 'chai'
import { eventually } from '../cli/calls.js'
import { chromiumFor, PageInBrowser } from './browser.js'
import { ScriptedServer } from './scripted-server.js'

const node = {
  ...{ id: 'worker-1', generation: 3, state: 'active', roles: ['worker'], slots: { total: 2, used: 1 } },
  ...{ host: 'here', pid: 7, since: '2026-11-21T10:00:00.000Z' },
}
const status: ServerNews = {
  type: 'cluster',
  error: null,
  status: {
    cluster: 'small',
    broker: { url: 'nats://127.0.0.1:4222', version: '2.9.10', jetStream: true } as never,
    nodes: [node],
    shards: [{ shard: 0, leader: 'manager-1', epoch: 1, sequence: 9, backlog: 0 }],
    jobs: { running: 0, completed: 0, failed: 0, cancelled: 0 },
  },
}
const hello = { type: 'hello', cluster: 'small', version: '1.2.3' } as const

describe('an operator at the page (needs Chromium)', function () {
  this.timeout(60_000)
  const server = new ScriptedServer({ ...hello, mayOperate: true }, status)
  let browser: PageInBrowser | undefined
  const page = (): PageInBrowser => browser as PageInBrowser
  const leave = '[data-node="worker-1"] button ::-p-text(Leave (drains first))'

  before(async function () {
    const chromium = chromiumFor(this)
    browser = await PageInBrowser.open(chromium, await server.listen())
  })
  after(async () => {
    await browser?.close()
    if (browser !== undefined) await server.close()
  })

  it('is asked before a node drains and leaves, and may keep it', async () => {
    await page().click(leave)
    await page().reads(/takes nothing new/, '[role="dialog"]')
    await page().page.keyboard.press('Escape')
    await eventually('the dialog is gone', async () => (await page().count('[role="dialog"]')) === 0)
    expect(server.questions).to.deep.equal([])
  })

  it('is told why it was refused, and lets a node leave with a reason that goodbyes know', async () => {
    await page().click(leave)
    await page().click('[role="dialog"] button[type="submit"]')
    await page().reads(/not_found nobody knows/, '[role="dialog"]')
    server.answer = () => ({ told: true })
    await page().click('[role="dialog"] button[type="submit"]')
    await eventually('the dialog is gone', async () => (await page().count('[role="dialog"]')) === 0)
    const [, { id: _, ...question } = { id: 0 }] = server.questions
    expect(question).to.deep.equal({
      ...{ type: 'node.leave', node: 'worker-1', generation: 3, reason: 'maintenance' },
    })
  })

  it('sees no buttons where the server lets nobody operate', async () => {
    server.tell({ ...hello, mayOperate: false })
    await eventually('the buttons are gone', async () => (await page().count('[data-node] button')) === 0)
  })

  it('reads the error of the cluster beside the last status', async () => {
    const error = { code: 'no_leader', message: 'nobody leads', mend: 'start a manager' } as const
    server.tell({ type: 'cluster', status: null, error })
    await page().reads(/no_leader nobody leads\s+start a manager/, '[role="alert"]')
    expect(await page().text('[data-node="worker-1"]')).to.match(/active/)
  })

  it('has the keys explained by one of them', async () => {
    await page().page.keyboard.press('?')
    await page().reads(/pause or resume the timeline/, '[role="dialog"]')
    await page().page.keyboard.press('Escape')
  })

  it('chooses light or dark, which a reload remembers', async () => {
    const scheme = (): Promise<string> => page().value('document.documentElement.dataset.mantineColorScheme')
    const before = await scheme()
    await page().page.keyboard.press('t')
    await eventually('the colours have changed', async () => (await scheme()) !== before)
    await page().page.reload()
    await page().reads(/worker-1/, '[aria-label="Nodes"]')
    expect(await scheme()).not.to.equal(before)
    expect(page().faults).to.deep.equal([])
  })
})
