import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { OpenHost } from '@covey/actors'

const causeOf = (error: Error & { readonly code?: unknown }): string =>
  error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'it ran out of memory' : error.message

/** A thread, which has nothing of its own to hold it to a lease: it is stopped with its process. */
export const openThread: OpenHost = ({ module, memoryMb }, { onWord, onEnd }) => {
  const { resolve } = createRequire(import.meta.url)
  const main = pathToFileURL(resolve('#host-thread')).href
  /** What reads the sources, where Covey itself runs from them. */
  const loader = main.endsWith('.ts') ? { loader: 'tsx/esm/api' } : {}
  const thread = new Worker(resolve('#begin-thread'), {
    workerData: { main, module, ...loader },
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
