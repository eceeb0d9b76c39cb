import { connect, createInbox } from 'nats'
import { coalesce, type Done, hear, type Submit } from './bare-frames.js'

/** A client of the bare loop. */
export interface BareClient {
  /** Submits a number and resolves with its result. */
  submit(n: number): Promise<{ readonly n: number }>
  close(): Promise<void>
}

/** Connects a client of the bare loop: one connection, one map of what it waits for. */
export async function connectBare(server: string, cluster: string): Promise<BareClient> {
  const connection = await connect({ servers: server, noAsyncTraces: true })
  const reply = createInbox()
  const waiting = new Map<string, (output: Done['output']) => void>()
  const send = coalesce<Submit>(connection, `${cluster}.submit`)
  let number = 0
  hear<Done>(connection, reply, ({ id, output }) => {
    waiting.get(id)?.(output)
    waiting.delete(id)
  })
  await connection.flush()
  return {
    submit: (n) =>
      new Promise((resolve) => {
        const id = `job-${number++}`
        waiting.set(id, resolve)
        send({ id, input: { n }, reply })
      }),
    close: () => connection.close(),
  }
}
