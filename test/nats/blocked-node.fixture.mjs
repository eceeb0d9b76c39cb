// A worker whose workflows block its event loop, or outlast it. It says on stdout what they do, at once and in order.
import { writeSync } from 'node:fs'
import { defineWorkflow, startNode } from 'covey'
import { z } from 'zod'

const [, , server, cluster, timings] = process.argv
const say = (what) => void writeSync(1, `${what}\n`)
const blocked = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))
const version = '1'
const input = z.object({ ms: z.number() })
const blockFor = ({ ms }) => {
  say('blocks')
  Atomics.wait(blocked, 0, 0, ms)
  say('turns again')
}

await startNode({
  ...{ server, cluster, name: 'w', roles: ['worker'], slots: 2, logger: 'silent' },
  timings: JSON.parse(timings),
  workflows: [
    defineWorkflow({
      name: 'block',
      version,
      input,
      exclusive: false,
      run: async (job) => blockFor(job.input),
    }),
    defineWorkflow({ name: 'hold', version, input, run: async (job) => blockFor(job.input) }),
    defineWorkflow({ name: 'quick', version, run: async () => say('quick runs') }),
    defineWorkflow({
      ...{ name: 'wait', version },
      run: ({ signal, attempt }) =>
        new Promise((resolve) => {
          say('waits')
          // Where it is tried again it has nothing more to show.
          if (attempt > 1) resolve(null)
          signal.addEventListener('abort', () => {
            say('is aborted')
            resolve(null)
          })
        }),
    }),
  ],
})
