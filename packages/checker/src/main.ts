import { once } from 'node:events'
import { isMainThread, Worker, workerData } from 'node:worker_threads'
import { checkTask, wantedTasks } from './check-all.js'

/**
 * Explores one model after another, each on a thread of its own: what the compiler has learned of one model makes the
 * next one slow, and its memory is given back.
 */
async function checkAll(words: readonly string[]): Promise<boolean> {
  let isWell = true
  for (const task of wantedTasks(words)) {
    const [code] = await once(new Worker(new URL(import.meta.url), { workerData: task }), 'exit')
    isWell &&= code === 0
  }
  return isWell
}

if (isMainThread) process.exitCode = (await checkAll(process.argv.slice(2))) ? 0 : 1
else if (!checkTask(workerData)) process.exitCode = 1
