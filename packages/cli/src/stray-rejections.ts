import { inspect } from 'node:util'
import type { Logger } from 'pino'

/**
 * Lets a process that only works outlive a promise which user code has left behind and which rejects: that is a defect
 * of the function, not the end of all other work on the node. Says it once for each, and returns what ends the listening.
 * A manager runs no user code, and ends as Node ends everything that nobody handles.
 */
export function surviveStrayRejections(logger: Pick<Logger, 'error'>): () => void {
  const tell = (reason: unknown): void => {
    const err = reason instanceof Error ? reason : new Error(inspect(reason))
    logger.error({ kind: 'defect', err }, 'a promise that nobody awaits was rejected')
  }
  process.on('unhandledRejection', tell)
  return () => {
    process.off('unhandledRejection', tell)
  }
}
