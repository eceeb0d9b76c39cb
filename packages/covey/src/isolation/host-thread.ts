import { parentPort, workerData } from 'node:worker_threads'
import { serveCode } from './host-main.js'

/** The thread of an isolated workflow. */
const port = parentPort
if (port !== null) {
  const { module } = workerData as { readonly module: string }
  await serveCode(
    {
      say(frame) {
        // A frame is a part of a larger buffer, all of which would be copied.
        const own = new Uint8Array(frame)
        port.postMessage(own, [own.buffer])
      },
      hear: (listener) => void port.on('message', listener),
      end: () => process.exit(1),
    },
    module,
  )
}
