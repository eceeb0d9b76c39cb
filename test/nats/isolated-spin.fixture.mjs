// Workflows that never return, each in a process of its own that leaves its number in a file.
import { writeFileSync } from 'node:fs'
import { defineWorkflow } from 'covey'

const options = { version: '1', isolation: 'process', module: import.meta.url }
const say = (file) => writeFileSync(file, String(process.pid))
export const spin = defineWorkflow({
  ...{ name: 'spin', ...options },
  run: ({ input }) => {
    say(input)
    for (;;);
  },
})
/** Blocks its event loop as well, and leaves the processor to other tests. */
export const spinShared = defineWorkflow({
  ...{ name: 'spin-shared', ...options, exclusive: false },
  run: ({ input }) => {
    say(input)
    for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10)
  },
})
