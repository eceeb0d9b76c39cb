import { Worker } from 'node:worker_threads'
import type { OpenHost } from './host-channel.js'

const main = import.meta.resolve('#host-thread')
/** What reads the sources, where Covey itself runs from them. */
const work = main.endsWith('.ts') ? { main, loader: 'tsx/esm/api' } : { main }

const causeOf = (error: Error & { readonly code?: unknown }): string =>
  error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'it ran out of memory' : error.message

/** A thread, which has nothing of its own to hold it to a lease: it is stopped with its process. */
export const openThread: OpenHost = ({ module, memoryMb }, { onWord, onEnd }) => {
  const thread = new Worker(new URL(import.meta.resolve('#begin-thread')), {
    workerData: { ...work, module },
    ...(memoryMb === undefined ? {} : { resourceLimits: { maxOldGenerationSizeMb: memoryMb } }),
  })
  let cause: string | undefined
  thread.on('message', onWord)
  thread.on('error', (error) => {
    cause = causeOf(error)
  })
  thread.on('exit', (code) => onEnd(cause ?? `exit code ${code}`))
  return {
    say(frame) {
      // A frame is a part of a larger buffer, all of which would be copied.
      const own = new Uint8Array(frame)
      thread.postMessage(own, [own.buffer])
    },
    lease: () => undefined,
    unref: () => thread.unref(),
    end() {
      thread.ref()
      void thread.terminate()
    },
  }
}
