import { defineWorkflow } from 'covey'

/** Runs until its signal aborts, and says so at once: the only word of its attempt, so that no sampling delays it. */
export const untilCancelled = defineWorkflow({
  name: 'until-cancelled',
  version: '1',
  run: ({ signal, progress }): Promise<never> =>
    new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => {
        progress('aborted')
        reject(signal.reason)
      })
    }),
})
