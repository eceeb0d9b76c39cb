import { createRequire } from 'node:module'
import { Worker } from 'node:worker_threads'
import { errorReportSchema, type GoodbyeReason, goodbyeReasons, limits } from '@covey/protocol'
import { z } from 'zod'

// What a launcher and the processes that it starts say to each other, over the channel that Node gives a child. It
// tells in both directions that the other one is gone, also after kill -9.

const wordSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('started'),
    bootId: z.string().min(1),
    metricsUrl: z.string().exactOptional(),
  }),
  z.object({ kind: z.literal('active') }),
  z.object({ kind: z.literal('left') }),
  z.object({ kind: z.literal('failed'), error: errorReportSchema }),
])
/** What a node tells its launcher: the id of its run and where it is measured, that it takes part, that it has left, or why it ends. */
export type NodeWord = z.infer<typeof wordSchema>

const orderSchema = z.object({ kind: z.literal('leave'), reason: z.enum(goodbyeReasons) })
/** What a launcher tells a node. */
export type LaunchOrder = z.infer<typeof orderSchema>

/** Reads what came from a child; `undefined` for anything else: workflow code may send what it likes on that channel. */
export const readNodeWord = (value: unknown): NodeWord | undefined => wordSchema.safeParse(value).data

/** The launcher as a node sees it. */
export interface Launcher {
  tell(word: NodeWord): void
  onLeave(listener: (reason: GoodbyeReason) => void): void
  /** The launcher has ended, however it ended. */
  onGone(listener: () => void): void
  /** Sends what was told and lets this process end. */
  close(): void
}

/** The code of a thread has no loader: options of this Node, such as one, are not its own. */
function watchOrphan(): void {
  const { orphanGraceMs, processEndMsMax, orphanLookIntervalMs } = limits
  const worker = new Worker(createRequire(import.meta.url).resolve('#orphan-watch'), {
    execArgv: [],
    env: { ...process.env, NODE_OPTIONS: '' },
    workerData: {
      parent: process.ppid,
      lookIntervalMs: orphanLookIntervalMs,
      graceMs: orphanGraceMs + processEndMsMax,
    },
  })
  worker.unref()
}

/**
 * The launcher of this process; `undefined` when it was started by hand. From here on the process ends soon after its
 * launcher, whatever its workflow code does.
 */
export function launcherOfThisProcess(): Launcher | undefined {
  if (process.send === undefined) return undefined
  watchOrphan()
  return {
    tell(word) {
      // One that is gone just now is told in vain: `onGone` says so.
      if (process.connected) process.send?.(word, undefined, undefined, () => undefined)
    },
    onLeave(listener) {
      process.on('message', (value) => listener(orderSchema.parse(value).reason))
    },
    onGone(listener) {
      if (process.connected) process.once('disconnect', listener)
      else listener()
    },
    close() {
      process.removeAllListeners('disconnect')
      if (process.connected) process.disconnect()
    },
  }
}
