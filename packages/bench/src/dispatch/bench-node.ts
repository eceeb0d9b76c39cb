import { startNode } from 'covey'
import { pino } from 'pino'
import type { ChildOrder, Close } from '../process/child-role.js'
import { addOne, slotsPerWorker } from './add-one.js'
import { untilCancelled } from './until-cancelled.js'

/** The name of the node that manages; all others work. */
export const managerName = 'manager'

/** Starts a node of the cluster, and resolves when it takes part. */
export async function startBenchNode({ server, cluster, name }: ChildOrder): Promise<Close> {
  const node = await startNode({
    ...{ name, cluster, server, logger: pino({ level: 'error' }, pino.destination(2)) },
    ...(name === managerName
      ? { roles: ['manager'] as const }
      : { roles: ['worker'] as const, slots: slotsPerWorker, workflows: [addOne, untilCancelled] }),
  })
  await node.ready
  return () => node.close()
}
