// Workflows that never return, each in a process of its own that leaves its number in a file.
import { writeFileSync } from 'node:fs'
import { defineWorkflow } from 'covey'

const options = { version: '1', isolation: 'process', module: import.meta.url }
const run = ({ input }) => {
  writeFileSync(input, String(process.pid))
  for (;;);
}
export const spin = defineWorkflow({ name: 'spin', ...options, run })
export const spinShared = defineWorkflow({ name: 'spin-shared', ...options, exclusive: false, run })
