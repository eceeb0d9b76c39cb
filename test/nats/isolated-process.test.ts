import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { limits, singleServerTimings } from '@covey/protocol'
import { expect } from 'chai'
import { type Client, connect, type RunningNode, startNode } from 'covey'
import { skipBecause } from '../harness/skip-because.js'
import { eventually } from '../transport/transport-world.js'
import { freshCluster, useBroker } from './nats-world.js'

/** The self-fence as short as one server allows; the lease so long after it that a busy machine sees which of them it was. */
const timings = { ...singleServerTimings, workerSelfFenceMs: 2_000, workerLeaseMs: 8_000 }

/** Whether a process runs; one that has ended and was not waited for yet does not. */
const runs = (pid: number): boolean => {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

describe('a process of an isolated workflow', function () {
  this.timeout(40_000)
  const broker = useBroker()
  const cluster = freshCluster()
  let folder: string
  let manager: RunningNode
  let worker: ChildProcess
  let client: Client

  before(async function () {
    folder = mkdtempSync(join(tmpdir(), 'covey-isolated-'))
    if (process.platform !== 'linux') skipBecause(this, 'a stopped process is looked at as Linux shows it')
    await broker.start()
    const common = { server: broker.url, cluster, logger: 'silent', timings } as const
    manager = await startNode({ ...common, name: 'm', roles: ['manager'] })
    const fixture = fileURLToPath(new URL('./isolated-worker.fixture.mjs', import.meta.url))
    worker = spawn(
      process.execPath,
      [...process.execArgv, fixture, broker.url, cluster, JSON.stringify(timings)],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    )
    client = await connect({ server: broker.url, cluster })
  })
  after(async () => {
    worker?.kill('SIGKILL')
    await client?.close()
    await manager?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const pidOf = async (name: string): Promise<number> => {
    const file = join(folder, name)
    await client.submit(name, file)
    await eventually('it runs', () => existsSync(file) && readFileSync(file, 'utf8') !== '')
    return Number(readFileSync(file, 'utf8'))
  }

  it('K7 K29 ends itself with its lease where its node is stopped, and with its node', async () => {
    const [exclusive, shared] = [await pidOf('spin'), await pidOf('spin-shared')]
    worker.kill('SIGSTOP')
    const stoppedAtMs = performance.now()
    await eventually('the exclusive one is gone', () => !runs(exclusive), 10_000)
    const { workerSelfFenceMs, workerLeaseMs } = timings
    expect(performance.now() - stoppedAtMs).to.be.lessThan(workerLeaseMs)
    expect(workerSelfFenceMs + limits.fenceGraceMs).to.be.lessThan(workerLeaseMs)
    expect(runs(shared)).to.equal(true)
    worker.kill('SIGKILL')
    await eventually('the other one is gone', () => !runs(shared))
  })
})
