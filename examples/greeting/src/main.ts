import { connect, defineWorkflow, startNode } from 'covey'
import { z } from 'zod'

const greet = defineWorkflow({
  name: 'greet',
  version: '1.0.0',
  input: z.object({ who: z.string() }),
  timeout: '30 s',
  retry: { attempts: 3 },
  run: async ({ input, signal }) => {
    signal.throwIfAborted()
    return `Hello, ${input.who}!`
  },
})

const server = process.env.COVEY_SERVER ?? 'nats://127.0.0.1:4222'
const node = await startNode({ name: 'greeter', server, workflows: [greet], logger: 'warn' })
await node.ready

const client = await connect({ server })
const job = await client.submit(greet, { who: 'world' }, { id: 'first-greeting' })
console.log(await job.result()) // a string, by its type too
console.log(await client.cancel('first-greeting')) // ALREADY_COMPLETED: a job ends once

await client.close()
await node.leave()
await node.close()
