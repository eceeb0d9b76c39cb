import { createSubjects } from '@covey/protocol'
import { expect } from 'chai'
import { type Client, connect } from 'covey'
import type { Runnable } from 'mocha'
import { openClientLinks } from '../../packages/cli/src/session.js'
import { callCovey, eventually } from '../cli/calls.js'
import { liveClusterOfSuite } from '../cli/live-cluster.js'

interface StreamInfo {
  readonly cluster?: { readonly leader?: string }
}

const shard = 0
const inFlight = 8
/** A figure for whoever reads the report. */
const tell = (test: Runnable | undefined, { longestGapMs }: { readonly longestGapMs: number }): void => {
  if (test !== undefined) test.title += `: silent for ${(longestGapMs / 1_000).toFixed(1)} s at most`
}
/** The servers elect for 4 to 9 s, and a leader of ours may be silent for 16 s (K18). */
const againMs = 60_000

describe('A cluster over three servers', function () {
  this.timeout(180_000)
  const cluster = liveClusterOfSuite(...['--servers', '3', '--managers', '2', '--nodes', '2', '--slots', '8'])
  let client: Client
  before(async () => {
    client = await connect({ server: cluster.up.url })
  })
  after(() => client.close())

  /** Which server leads the log of the shard, as the servers say. */
  const leaderOfLog = async (): Promise<string> => {
    const links = await openClientLinks('asker', { url: cluster.up.url, cluster: 'default', access: {} })
    const subject = `$JS.API.STREAM.INFO.${createSubjects('default').logStream(shard)}`
    const leader = await eventually('the log has a leader', async () => {
      const outcome = await links.control.request(subject, new Uint8Array(0), 2_000)
      if (outcome.kind !== 'reply') return undefined
      return (JSON.parse(Buffer.from(outcome.data).toString()) as StreamInfo).cluster?.leader
    })
    await links.close()
    return leader
  }

  /** Submits workflows without a pause, until it is stopped, and counts those that came back right. */
  const submitOn = () => {
    const state = { submitted: 0, right: 0, wrong: [] as unknown[], isOver: false, longestGapMs: 0 }
    let lastAtMs = performance.now()
    const lane = async (): Promise<void> => {
      while (!state.isOver) {
        const id = `job-${state.submitted++}`
        const result = await resultOf(id).catch((error: unknown) => error)
        if (result === `hello ${id}`) state.right += 1
        else state.wrong.push(result)
        state.longestGapMs = Math.max(state.longestGapMs, performance.now() - lastAtMs)
        lastAtMs = performance.now()
      }
    }
    const lanes = Promise.all(Array.from({ length: inFlight }, lane))
    const stop = async (): Promise<void> => {
      state.isOver = true
      await lanes
    }
    return { state, stop }
  }
  const resultOf = async (id: string): Promise<unknown> =>
    (await client.submit('greet', { who: id }, { id, deadlineMs: againMs })).result()

  const goesOn = async ({ state }: ReturnType<typeof submitOn>): Promise<void> => {
    const before = state.right
    await eventually('work goes on', () => state.right > before + 2 * inFlight, againMs)
  }

  it('K18 loses nothing when the server that leads its log is killed, and goes on', async function () {
    const load = submitOn()
    await goesOn(load)
    const name = await leaderOfLog()
    const server = cluster.up.servers.find((one) => one.name === name)
    process.kill(server?.pid ?? 0, 'SIGKILL')
    await goesOn(load)
    await load.stop()
    expect(load.state.wrong).to.deep.equal([])
    expect(load.state.right).to.equal(load.state.submitted)
    tell(this.test, load.state)
    await eventually('the server is back', () =>
      cluster.call.terminal.said.some((line) => line.startsWith(`${name} of the broker runs again`)),
    )
  })

  it('loses nothing when its leading manager is killed', async function () {
    const load = submitOn()
    await goesOn(load)
    const { shards } = await client.status()
    process.kill(cluster.pidOf(shards[0]?.leader ?? ''), 'SIGKILL')
    await goesOn(load)
    await load.stop()
    expect(load.state.wrong).to.deep.equal([])
    tell(this.test, load.state)
  })

  it('is found well by covey doctor', async () => {
    const { code, stdout } = await callCovey(cluster.folder, 'doctor')
    expect(code, stdout).to.equal(0)
  })
})
