#!/usr/bin/env node
// Writes docs/images/*.png: the views of the inspector before a real cluster, in which a job of several steps runs.
// Needs the build, nats-server and Chromium (`node .ci/setup.mjs --browser`).
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import puppeteer from 'puppeteer-core'
import { run } from './processes.mjs'
import { findBrowser } from './set-up/browser.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const images = join(root, 'docs/images')
const covey = join(root, 'packages/cli/bin/covey.js')
const readyMaxMs = 60_000

const workflows = `
import { setTimeout as pause } from 'node:timers/promises'
import { defineWorkflow } from ${JSON.stringify(import.meta.resolve('covey'))}
const define = (name, ms, more) => defineWorkflow({ name, version: '1.0.0', run: async ({ signal, progress }) => {
  for (let done = 1; done <= 10; done += 1) {
    await pause(ms / 10, undefined, { signal })
    progress({ done, of: 10 })
  }
  return more?.()
} })
export const plan = define('plan', 500)
export const count = define('count', 4000)
export const merge = define('merge', 60000)
export const publish = define('publish', 1000)
export const check = define('check', 300, () => { throw new Error('the bucket reports does not exist') })
`

const counts = Array.from({ length: 24 }, (_, index) => `count-${index + 1}`)
const report = {
  id: 'report-2026-11',
  workflows: {
    plan: { name: 'plan' },
    ...Object.fromEntries(counts.map((name) => [name, { name: 'count', after: ['plan'] }])),
    check: { name: 'check', after: ['plan'] },
    'merge-words': { name: 'merge', after: counts },
    'merge-lines': { name: 'merge', after: counts },
    publish: { name: 'publish', after: ['merge-words', 'merge-lines'] },
    index: { name: 'publish', after: ['merge-words'] },
  },
}
const small = {
  id: 'report-2026-10',
  workflows: { plan: { name: 'plan' }, check: { name: 'plan', after: ['plan'] } },
}

const folder = mkdtempSync(join(tmpdir(), 'covey-screenshots-'))

/** Starts a command that stays, and answers it with the first document that it prints. */
const begin = async (...args) => {
  const child = spawn(process.execPath, [covey, ...args, '--json'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise((resolve) => child.on('close', resolve))
  const first = new Promise((resolve) => createInterface({ input: child.stdout }).once('line', resolve))
  const over = ended.then((code) => `{"over":${code}}`)
  const document = JSON.parse(await Promise.race([first, over]))
  if ('over' in document) throw new Error(`covey ${args[0]} ended with ${document.over}`)
  const end = () => {
    child.kill('SIGINT')
    return ended
  }
  return { document, end }
}

const call = async (...args) => {
  const { code, output } = await run(process.execPath, [covey, ...args], { cwd: folder })
  if (code !== 0) throw new Error(`covey ${args.join(' ')} ended with ${code}: ${output}`)
}

const runJob = (job) => {
  const path = join(folder, `${job.id}.json`)
  writeFileSync(path, JSON.stringify(job))
  return call('run', path)
}

/** Shows a view, waits until what it is about is there, and writes its picture. */
const shoot = async (page, name, hash, ready, { dark = false, act = '', shown = 'true' } = {}) => {
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }])
  await page.evaluate(`location.hash = ${JSON.stringify(hash)}`)
  await page.waitForFunction(ready, { timeout: readyMaxMs })
  await page.evaluate(act)
  await page.waitForFunction(shown, { timeout: readyMaxMs })
  await page.evaluate('new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))')
  await page.screenshot({ path: join(images, `inspector-${name}.png`) })
  console.log(`docs/images/inspector-${name}.png`)
}

const has = (selector, count = 1) =>
  `document.querySelectorAll(${JSON.stringify(selector)}).length >= ${count}`
const reads = (selector, text) =>
  `document.querySelector(${JSON.stringify(selector)})?.textContent.includes(${JSON.stringify(text)})`

const shootAll = async (page) => {
  await runJob(small)
  await runJob(report)
  await shoot(page, 'job', '#/jobs/report-2026-11', reads('[data-step="merge-words"]', 'running'), {
    act: 'document.querySelector(\'[data-step="check"]\').dispatchEvent(new MouseEvent("click", { bubbles: true }))',
    shown: reads('[aria-label="Workflow check"]', 'bucket'),
  })
  await shoot(
    page,
    'cluster',
    '#/cluster',
    `${has('[data-node]', 5)} && ${has('[aria-label="Counters"] tbody tr', 4)}`,
  )
  await shoot(
    page,
    'actors',
    '#/actors/worker-1%2F1%2Fnode.worker-1',
    `${has('.node[data-live="true"]')} && ${has('.tree')}`,
  )
  await shoot(
    page,
    'dark',
    '#/actors/manager-1%2F1%2Fpeer.worker-2',
    `${has('.node[data-live="true"]')} && ${has('.tree')}`,
    { dark: true },
  )
  await shoot(page, 'timeline', '#/timeline', has('.line', 20))
  const assigned =
    '[...document.querySelectorAll(".line")].find((line) => /workflow.assigned/.test(line.textContent))'
  await shoot(page, 'log', '#/log/0', `${has('.line', 20)} && ${assigned} !== undefined`, {
    act: `${assigned}.click()`,
    shown: `${has('[aria-label="Events"]')} && ${reads('.detail h1', 'State after')} && ${reads('[aria-label="Workflows then"]', 'assigned')}`,
  })
}

const chromium = findBrowser()
if (chromium === undefined) throw new Error('no Chromium was found: node .ci/setup.mjs --browser')
writeFileSync(join(folder, 'workflows.mjs'), workflows)
mkdirSync(images, { recursive: true })
const up = await begin(
  'up',
  '--workflows',
  'workflows.mjs',
  '--managers',
  '2',
  '--nodes',
  '3',
  '--slots',
  '4',
  '--no-inspect',
)
const inspect = await begin('inspect')
const browser = await puppeteer.launch({
  executablePath: chromium,
  args: [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), '--headless=new', '--disable-gpu'],
  defaultViewport: { width: 1_440, height: 900 },
})
try {
  const page = await browser.newPage()
  await page.goto(inspect.document.url)
  await shootAll(page)
} finally {
  await browser.close()
  await inspect.end()
  await up.end()
  rmSync(folder, { recursive: true, force: true })
}
