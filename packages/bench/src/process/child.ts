import { once } from 'node:events'
import { startResponder } from '../bus/responder.js'
import { startBareLeader } from '../dispatch/bare-leader.js'
import { startBareWorker } from '../dispatch/bare-worker.js'
import { startBenchNode } from '../dispatch/bench-node.js'
import { startTakeoverManager, startTakeoverWorker } from '../dispatch/takeover-node.js'
import { startBullWorker } from '../peers/bull-worker.js'
import { startMoleculerService } from '../peers/moleculer-service.js'
import { startRedisServer } from '../peers/redis-server.js'
import { startValueResponder } from '../peers/value-responder.js'
import type { ChildOrder, ChildScene, ChildWord, Close } from './child-role.js'

const roles: Record<ChildOrder['role'], (order: ChildOrder, scene: ChildScene) => Promise<Close>> = {
  responder: startResponder,
  node: startBenchNode,
  'bare-leader': startBareLeader,
  'bare-worker': startBareWorker,
  'takeover-manager': startTakeoverManager,
  'takeover-worker': startTakeoverWorker,
  'value-responder': startValueResponder,
  'redis-server': startRedisServer,
  'bull-worker': startBullWorker,
  'moleculer-service': startMoleculerService,
}

const say = (word: ChildWord): void => void process.send?.(word)

// Ctrl-C reaches the whole group of processes; who ends the benchmark also ends this.
process.on('SIGINT', () => undefined)
const left = once(process, 'disconnect')
const order: ChildOrder = JSON.parse(process.argv[2] ?? '')
try {
  const close = await roles[order.role](order, { note: (note) => say({ kind: 'noted', note }) })
  say({ kind: 'ready' })
  await left
  await close()
} catch (error) {
  if (process.connected) say({ kind: 'failed', reason: String(error) })
  throw error
} finally {
  if (process.connected) process.disconnect()
}
