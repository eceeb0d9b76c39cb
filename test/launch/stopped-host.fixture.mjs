// An isolated workflow whose process stops itself when it runs first.
import { writeFileSync } from 'node:fs'
import { defineWorkflow } from 'covey'

export const halt = defineWorkflow({
  ...{ name: 'halt', version: '1', isolation: 'process' },
  run: ({ input, attempt, node }) => {
    if (attempt > 1) return `attempt ${attempt}`
    writeFileSync(input, JSON.stringify({ node, pid: process.pid }))
    process.kill(process.pid, 'SIGSTOP')
    return 'went on'
  },
})
