import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as machines from '@covey/machines'
import { expect } from 'chai'
import { beginCall, type Call, callCovey, documentOf, eventually } from '../cli/calls.js'
import { type LiveCluster, startLiveCluster } from '../cli/live-cluster.js'
import { chromiumFor, PageInBrowser } from './browser.js'

const jobFile = {
  id: 'graph',
  workflows: {
    one: { name: 'greet', input: { who: 'one' } },
    two: { name: 'wait', after: ['one'] },
    three: { name: 'join', after: ['one', 'two'] },
  },
}

describe('the page before a real cluster (needs Chromium)', function () {
  this.timeout(90_000)
  let cluster: LiveCluster | undefined
  let inspect: Call
  let browser: PageInBrowser | undefined
  const page = (): PageInBrowser => browser as PageInBrowser
  const live = (): LiveCluster => cluster as LiveCluster

  before(async function () {
    const chromium = chromiumFor(this)
    cluster = await startLiveCluster('--nodes', '2', '--slots', '2')
    inspect = beginCall(cluster.folder, 'inspect', '--json')
    const line = await eventually('the inspector is served', () => inspect.terminal.printed[0], 30_000)
    browser = await PageInBrowser.open(chromium, (JSON.parse(line) as { url: string }).url)
  })
  after(async () => {
    await browser?.close()
    if (cluster === undefined) return
    inspect.terminal.interrupt()
    await inspect.ended
    cluster.call.terminal.interrupt()
    await cluster.call.ended
    cluster.remove()
  })

  it('shows every node with what it does, and who leads', async () => {
    await page().reads(/worker-2/, '[aria-label="Nodes"]')
    const row = await page().text('[data-node="manager-1"]')
    expect(row)
      .to.match(/active/)
      .and.match(/manager/)
      .and.match(/leads shard 0/)
    expect(await page().text('[data-node="worker-1"]')).to.match(/0\/2/)
    await page().reads(/live/, '.top')
  })

  it('draws a job with the place, the attempt and the token of each step, and follows it', async () => {
    writeFileSync(join(live().folder, 'job.json'), JSON.stringify(jobFile))
    await callCovey(live().folder, 'run', 'job.json')
    await page().goTo('#/jobs/graph')
    await page().reads(/running on worker-\d/, '[data-step="two"]')
    expect(await page().text('[data-step="three"]')).to.match(/waiting/)
    await page().click('[data-step="two"]')
    await page().reads(/token \d+\.\d+\.\d+\.\d+/, '[aria-label="Workflow two"]')
  })

  /** What there is in trouble only: `test/inspector/live.test.ts` shows that a page is told of it. */
  const troubled = ['breaker']
  const kinds = Object.values(machines).flatMap((machine) =>
    typeof machine === 'object' && 'states' in machine && !troubled.includes(machine.id) ? [machine.id] : [],
  )
  for (const kind of kinds) {
    it(`draws the chart of a ${kind} with its live state`, async () => {
      await page().goTo('#/actors')
      await page().reads(/Choose an actor/)
      const address = await eventually(`there is a ${kind}`, () =>
        page().value<string | undefined>(
          `(() => {
            const lines = [...document.querySelectorAll('.line')]
            const at = lines.findIndex((line) => line.dataset.level === '2' && line.dataset.key.endsWith(' ${kind}'))
            return at < 0 ? undefined : lines[at + 1]?.dataset.key
          })()`,
        ),
      )
      await page().goTo(`#/actors/${encodeURIComponent(address)}`)
      await eventually(
        'its chart is drawn',
        async () => (await page().count('.node[data-live="true"]')) === 1,
      )
      const machine = Object.values(machines).find(
        (known) => typeof known === 'object' && 'id' in known && known.id === kind,
      )
      const states = Object.keys((machine as { states: object }).states).length
      expect(await page().count('.node[data-state]:not(.any)')).to.equal(states)
      await page().reads(/Context/)
    })
  }

  it('shows the log event by event, and the state that each led to', async () => {
    await page().goTo('#/log/0')
    await page().reads(/1 to \d/, '.side')
    await page().page.focus('[aria-label="Messages"]')
    await page().page.keyboard.press('End')
    await page().reads(/State after 1\b[\s\S]*Workflows\s+0/)
    await page().click('button ::-p-text(Follow)')
    await page().reads(/graph\/two/, '[aria-label="Workflows then"]')
  })

  it('follows a kill -9 of a worker, and its successor', async () => {
    await page().goTo('#/cluster')
    await page().reads(/worker-1/, '[aria-label="Nodes"]')
    process.kill(live().pidOf('worker-1'), 'SIGKILL')
    const generation = (text: string): number => Number(text.split(/\s+/)[1])
    await eventually(
      'worker-1 is back with a higher generation',
      async () => {
        const row = await page().text('[data-node="worker-1"]')
        return /active/.test(row) && generation(row) > 1
      },
      40_000,
    )
  })

  it('cancels a job, after it has asked', async () => {
    await page().goTo('#/jobs/graph')
    await page().click('main button ::-p-text(Cancel job)')
    await page().reads(/This cannot be taken back/, '[role="dialog"]')
    await page().click('[role="dialog"] button[type="submit"]')
    await page().reads(/cancelled/, 'h1 + .state', 30_000)
    const job = await documentOf<{ state: string }>(live().folder, 'job', 'graph')
    expect(job.state).to.equal('cancelled')
  })

  it('has a timeline of what happened, and nothing went wrong on the way', async () => {
    await page().goTo('#/timeline')
    await page().filter('graph/two')
    await page().reads(/cancelled/, '.list')
    expect(page().faults).to.deep.equal([])
  })
})
