import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { limits } from '@covey/protocol'
import { expect } from 'chai'
import { isAlive } from '../../packages/cli/src/cluster-file.js'
import { callCovey, documentOf, eventually } from '../cli/calls.js'
import { liveClusterOfSuite } from '../cli/live-cluster.js'

interface Status {
  readonly nodes: readonly { readonly id: string; readonly generation: number; readonly state: string }[]
}

describe('a node of covey up that ends unasked', function () {
  this.timeout(90_000)
  const stopped = fileURLToPath(new URL('./stopped-host.fixture.mjs', import.meta.url))
  const cluster = liveClusterOfSuite('--nodes', '2', '--slots', '2', '--workflows', stopped)

  const said = (line: RegExp): number => cluster.call.terminal.said.filter((text) => line.test(text)).length
  const generationOf = async (name: string): Promise<number | undefined> => {
    const { nodes } = await documentOf<Status>(cluster.folder, 'status')
    return nodes.find(({ id, state }) => id === name && state === 'active')?.generation
  }
  const greet = () =>
    callCovey(cluster.folder, 'submit', 'greet', '--input', '{"who":"you"}', '--wait', '--deadline', '30')

  it('is started again as a new generation, also where it was the only manager', async () => {
    process.kill(cluster.pidOf('manager-1'), 'SIGKILL')
    await eventually('it takes part again', () => said(/^manager-1 takes part again/) > 0)
    expect(await eventually('it leads', () => generationOf('manager-1'))).to.equal(2)
    await eventually('its end is noted', () => said(/^manager-1 has noted the end of manager-1$/) > 0)
    expect((await greet()).stdout).to.equal('"hello you"')
  })

  it('takes the processes of its isolated workflows along, also one that is stopped', async () => {
    const file = join(cluster.folder, 'halted')
    await callCovey(cluster.folder, 'submit', 'halt', '--id', 'halt', '--input', JSON.stringify(file))
    // There, and written: the one comes a moment before the other.
    const text = await eventually('it runs', () => existsSync(file) && (readFileSync(file, 'utf8') || false))
    const { node, pid }: { node: string; pid: number } = JSON.parse(text)
    process.kill(cluster.pidOf(node), 'SIGKILL')
    await eventually('it is gone', () => !isAlive(pid))
    expect((await callCovey(cluster.folder, 'result', 'halt')).stdout).to.equal('"attempt 2"')
  })

  it('ends a workflow that ends its process each time, and not the workers', async () => {
    const { code, stderr } = await callCovey(
      ...([cluster.folder, 'submit', 'poison', '--wait', '--deadline', '60'] as const),
    )
    expect(code, stderr).to.equal(1)
    expect(stderr).to.contain('error worker_lost')
    expect(said(/^worker-\d exited \(code 0\); its work moves on$/)).to.equal(limits.lostAttemptsMax + 1)
    expect(said(/stays down/)).to.equal(0)
    expect((await greet()).stdout).to.equal('"hello you"')
    await eventually('both workers are back', () =>
      Promise.all(['worker-1', 'worker-2'].map(generationOf)).then((found) => !found.includes(undefined)),
    )
  })
})
