import { connect } from 'nats'
import type { ChildOrder, Close } from '../process/child-role.js'
import { slotsPerWorker } from './add-one.js'
import { type Credit, coalesce, type Done, hear, type Run } from './bare-frames.js'

/** A worker of the bare loop: it runs what comes, and gives each credit back with the result. */
export async function startBareWorker({ server, cluster, name }: ChildOrder): Promise<Close> {
  const connection = await connect({ servers: server, noAsyncTraces: true })
  const done = coalesce<Done>(connection, `${cluster}.done`)
  const credit = coalesce<Credit>(connection, `${cluster}.credit`)
  hear<Run>(connection, `${cluster}.run.${name}`, ({ id, token, input }) => {
    void Promise.resolve(input).then(({ n }) => {
      done({ id, token, output: { n: n + 1 } })
      credit({ worker: name, credits: 1 })
    })
  })
  await connection.flush()
  credit({ worker: name, credits: slotsPerWorker })
  await connection.flush()
  return () => connection.close()
}
