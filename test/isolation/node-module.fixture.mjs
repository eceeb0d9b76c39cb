// Starts a node when it is loaded: each host of its workflow would be one.
import { defineWorkflow, startNode } from 'covey'

export const work = defineWorkflow({
  ...{ name: 'work', version: '1', isolation: 'thread', module: import.meta.url },
  run: () => 1,
})
await startNode({ name: 'again', server: 'nats://127.0.0.1:1', logger: 'silent' })
