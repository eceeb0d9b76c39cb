import { startNode } from 'covey'
import { pino } from 'pino'
import type { ChildOrder, ChildScene, Close } from '../process/child-role.js'
import { briefSlots, defineBriefWork } from './brief-work.js'

/** Events after which the state is kept whole: fewer than 10,000, so that who comes later folds a snapshot and a tail. */
const snapshotEvents = 3_000

const logger = () => pino({ level: 'error' }, pino.destination(2))

/** Starts a manager that says how long it folded what there was. */
export async function startTakeoverManager(
  { server, cluster, name }: ChildOrder,
  scene: ChildScene,
): Promise<Close> {
  const roles = ['manager'] as const
  const node = await startNode({ name, cluster, server, roles, snapshotEvents, logger: logger() })
  const folding = node.transitions({ kind: 'manager' }).subscribe(({ event, elapsedMs }) => {
    if (event === 'log.caughtUp') scene.note({ kind: 'folded', tookMs: elapsedMs })
  })
  await node.ready
  return async () => {
    folding.unsubscribe()
    await node.close()
  }
}

/** Starts a worker that says which attempts it has begun. */
export async function startTakeoverWorker(
  { server, cluster, name }: ChildOrder,
  scene: ChildScene,
): Promise<Close> {
  const work = defineBriefWork((token) => scene.note({ kind: 'began', token }))
  const node = await startNode({
    ...{ name, cluster, server, roles: ['worker'], slots: briefSlots, workflows: [work] },
    logger: logger(),
  })
  await node.ready
  return () => node.close()
}
