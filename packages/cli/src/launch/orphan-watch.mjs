/**
 * Runs as a thread of a launched node: ends the process when its launcher is gone and the node has had the time to end
 * by itself. A thread, because workflow code may block the event loop of the node, or hold it open. Plain JavaScript,
 * because a thread runs under bare Node from sources too.
 */
import { workerData } from 'node:worker_threads'

/** @type {{ parent: number, lookIntervalMs: number, graceMs: number }} */
const { parent, lookIntervalMs, graceMs } = workerData

const looking = setInterval(() => {
  if (process.ppid === parent) return
  clearInterval(looking)
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), graceMs)
}, lookIntervalMs)
