import { once } from 'node:events'
import { startResponder } from '../bus/responder.js'
import { startBareLeader } from '../dispatch/bare-leader.js'
import { startBareWorker } from '../dispatch/bare-worker.js'
import { startBenchNode } from '../dispatch/bench-node.js'
import type { ChildOrder, ChildWord, Close } from './child-role.js'

const roles: Record<ChildOrder['role'], (order: ChildOrder) => Promise<Close>> = {
  responder: startResponder,
  node: startBenchNode,
  'bare-leader': startBareLeader,
  'bare-worker': startBareWorker,
}

const say = (word: ChildWord): void => void process.send?.(word)

// Ctrl-C reaches the whole group of processes; who ends the benchmark also ends this.
process.on('SIGINT', () => undefined)
const left = once(process, 'disconnect')
const order: ChildOrder = JSON.parse(process.argv[2] ?? '')
try {
  const close = await roles[order.role](order)
  say({ kind: 'ready' })
  await left
  await close()
} catch (error) {
  if (process.connected) say({ kind: 'failed', reason: String(error) })
  throw error
} finally {
  if (process.connected) process.disconnect()
}
