import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { checkTask, columns, type Finding, rowOf, wantedTasks } from './check-all.js'

const head = [rowOf(columns), rowOf(columns.map(() => '---'))].join('\n')

/**
 * Explores one model after another, each on a thread of its own: what the compiler has learned of one model makes the
 * next one slow, and its memory is given back.
 */
async function checkAll(words: readonly string[]): Promise<readonly Finding[]> {
  const findings: Finding[] = []
  process.stdout.write(`${head}\n`)
  for (const task of wantedTasks(words)) {
    const worker = new Worker(new URL(import.meta.url), { workerData: task })
    const [finding] = await once(worker, 'message')
    findings.push(finding)
    await once(worker, 'exit')
  }
  return findings
}

/** Puts the rows in place of those of the only table of figures on a page. */
function write(page: string, findings: readonly Finding[]): void {
  const text = readFileSync(page, 'utf8')
  const begin = text.indexOf(head)
  if (begin === -1) throw new Error(`${page} has no table of figures`)
  const end = text.indexOf('\n\n', begin)
  const rows = findings.map(({ row }) => row)
  writeFileSync(page, `${text.slice(0, begin)}${[head, ...rows].join('\n')}${text.slice(end)}`)
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { write: { type: 'string' } },
  })
  const findings = await checkAll(positionals)
  if (values.write !== undefined) write(values.write, findings)
  process.exitCode = findings.every(({ isWell }) => isWell) ? 0 : 1
}

if (isMainThread) await main()
else parentPort?.postMessage(checkTask(workerData))
