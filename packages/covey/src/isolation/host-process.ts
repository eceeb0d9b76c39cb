import { createRequire } from 'node:module'
import { Worker } from 'node:worker_threads'
import { serveCode } from './host-main.js'

// The process of an isolated workflow. A thread ends it with its node, whatever the code does; that has no loader, so
// options of this Node, such as one, are not its own.
const watch = new Worker(createRequire(import.meta.url).resolve('#host-watch'), {
  execArgv: [],
  env: { ...process.env, NODE_OPTIONS: '' },
})
watch.unref()

// Ctrl-C goes to all processes of a terminal: the node lets its work come to an end, and ends this one after it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined)

const [module = ''] = process.argv.slice(2)
await serveCode(
  {
    say(frame) {
      // To a node that is gone it is said in vain.
      if (process.connected) process.send?.(frame, undefined, undefined, () => undefined)
    },
    hear: (listener) => void process.on('message', listener),
    end() {
      if (process.connected) process.disconnect()
      process.exit(1)
    },
  },
  module,
)
