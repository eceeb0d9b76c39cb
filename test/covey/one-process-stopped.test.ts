import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { singleServerTimings } from '@covey/protocol'
import { expect } from 'chai'
import { eventually } from '../transport/transport-world.js'

/** Short, with the same relations; a lease is longer than some turns of a loop that a busy machine keeps waiting. */
const timings = {
  ...{ ...singleServerTimings, renewalIntervalMs: 200, leaderTimeoutMs: 2_000 },
  ...{ workerSelfFenceMs: 3_000, workerLeaseMs: 4_000 },
}

describe('A process that holds a whole cluster', function () {
  this.timeout(40_000)

  it('K52 goes on as it was when it is stopped for longer than a lease', async () => {
    const fixture = fileURLToPath(new URL('./one-process.fixture.mjs', import.meta.url))
    const child = spawn(process.execPath, [fixture, JSON.stringify(timings)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    try {
      const said: string[] = []
      const closed = once(child, 'close')
      createInterface({ input: child.stdout }).on('line', (line) => said.push(line))
      await eventually('it runs', () => said.includes('runs'), 20_000)
      child.kill('SIGSTOP')
      const stoppedAtMs = performance.now()
      await eventually('leases are over', () => performance.now() - stoppedAtMs > 1.5 * timings.workerLeaseMs)
      child.kill('SIGCONT')
      await closed
      expect(said).to.deep.equal(['runs', 'result done'])
    } finally {
      child.kill('SIGKILL')
    }
  })
})
