/**
 * Runs as a thread of a process of isolated workflows: ends that process as soon as its node is gone, or has not said for
 * the rest of the lease that exclusive work may go on (K7): a node that is stopped ends nothing. A thread, because the
 * code may block the event loop.
 */
import { Socket } from 'node:net'

/** The pipe that only the node holds the other end of. */
const leases = new Socket({ fd: 4 })

const end = () => process.kill(process.pid, 'SIGKILL')

/** @type {NodeJS.Timeout | undefined} */
let over
leases.setEncoding('utf8')
leases.on('data', (text) => {
  // Milliseconds for which the work may go on, a line each; below zero where nothing needs a lease.
  const leftMs = Number(String(text).trimEnd().split('\n').at(-1))
  clearTimeout(over)
  over = leftMs < 0 ? undefined : setTimeout(end, leftMs)
})
leases.on('error', end)
leases.on('close', end)
