import { once } from 'node:events'
import { readFileSync, rmSync, symlinkSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { claimMessage, createSubjects, foldVersion } from '@covey/protocol'
import { findBrokerBinary, readNewest } from '@covey/transport'
import { expect } from 'chai'
import { openClientLinks } from '../../packages/cli/src/session.js'
import { beginCall, callCovey, documentOf, eventually } from '../cli/calls.js'
import { startLiveCluster, type UpDocument } from '../cli/live-cluster.js'
import { type RecordedTerminal, recordTerminal } from '../cli/recorded-terminal.js'

interface Status {
  readonly nodes: readonly { readonly state: string; readonly generation: number }[]
}
interface Job {
  readonly workflows: readonly { readonly token: string | null }[]
}

/** A program of somebody else on a port. */
async function occupy(port = 0) {
  const server = createServer().listen(port, '127.0.0.1')
  await once(server, 'listening')
  return { port: (server.address() as AddressInfo).port, end: () => once(server.close(), 'close') }
}

/** Leads the shard as a manager of another version would, until its log has the claim. */
async function claimAs(fold: number, url: string): Promise<void> {
  const cluster = 'default'
  const { claim, logStream, claims } = createSubjects(cluster)
  const links = await openClientLinks('another-version', { url, cluster, access: {} })
  const newest = async () =>
    claimMessage.decode((await readNewest(links.control, logStream(0), claims(0))) ?? new Uint8Array())
  const append = async (): Promise<true | undefined> => {
    const known = await newest()
    const epoch = known.epoch + 1
    const entry = claimMessage.encode({ ...known, epoch, foldVersion: fold, bootId: 'of-another-version' })
    const { kind } = await links.log(0).append(claim(0, epoch), entry, await links.log(0).tail())
    return kind === 'appended' || undefined
  }
  await eventually('the claim is in the log', append)
  await links.close()
}

/** Never process 0, which is this one and all that it has started. */
function killFirst([server]: readonly { readonly pid: number }[]): void {
  if (server === undefined) throw new Error('covey up names no server')
  process.kill(server.pid, 'SIGKILL')
}

describe('the broker of covey up', function () {
  this.timeout(60_000)
  let terminal: RecordedTerminal
  beforeEach(() => {
    terminal = recordTerminal()
  })
  afterEach(() => terminal.remove())

  const begin = async () => {
    const call = beginCall(terminal.folder, 'up', '--nodes', '0', '--json')
    const line = await eventually('it is up', () => call.terminal.printed[0])
    const end = async (): Promise<void> => {
      call.terminal.interrupt()
      expect((await call.ended).code).to.equal(0)
    }
    const { url, servers } = JSON.parse(line) as UpDocument
    return { ...call, url, servers, end }
  }

  it('says in one line why it does not start at a port that is taken, and in the next what to do', async () => {
    const other = await occupy()
    const { code, stdout, stderr } = await callCovey(terminal.folder, 'up', '--port', String(other.port))
    await other.end()
    expect([code, stdout]).to.deep.equal([4, ''])
    const [first, complaint, advice, ...more] = stderr.split('\n')
    expect([first, more]).to.deep.equal(['error broker_failed: nats-server ended; it said:', []])
    expect(complaint).to.match(/^\[FTL\] .*address already in use/)
    expect(advice).to.contain(`→ port ${other.port} is taken`).and.to.contain('--port')
  })

  it('has the port of the last time again, so that nodes that were started by hand find it', async () => {
    const first = await begin()
    await first.end()
    const again = await begin()
    expect(again.url).to.equal(first.url)
    await again.end()
  })

  it('has another port where that of the last time is taken, and says so', async () => {
    const first = await begin()
    await first.end()
    const port = Number(new URL(first.url).port)
    const other = await occupy(port)
    const again = await begin()
    await other.end()
    expect(again.url).to.not.equal(first.url)
    const warning = again.terminal.said.find((line) => line.startsWith(`warning: port ${port}`))
    expect(warning).to.contain(`--server ${again.url}`)
    await again.end()
  })

  it('K14 is started again at its port and on its store when it is killed: nobody departs, and what runs runs on', async () => {
    const cluster = await startLiveCluster('--nodes', '1')
    const { folder, up, call } = cluster
    const document = <Document>(...words: string[]) => documentOf<Document>(folder, ...words)
    await document('submit', 'block', '--input', '{"ms":1500}', '--id', 'through')
    await eventually('it runs', async () => (await document<Job>('job', 'through')).workflows[0]?.token)
    killFirst(up.servers)
    const said = (what: string) => call.terminal.said.filter((line) => line.includes(what))
    await eventually('it is there again', () => said('runs again').length > 0)
    expect(said('has ended')).to.have.length(1)
    expect(said('has ended')[0]).to.match(/its last words: nats-server was ended by SIGKILL/)
    const { result } = await document<{ result: unknown }>('result', 'through', '--deadline', '30')
    expect(result, 'the number of its attempt').to.equal(1)
    const { nodes } = await document<Status>('status')
    expect(nodes.map(({ state, generation }) => [state, generation])).to.deep.equal([
      ['active', 1],
      ['active', 1],
    ])
    call.terminal.interrupt()
    expect((await call.ended).code).to.equal(0)
    cluster.remove()
  })

  it('ends the cluster with 4 and advice where it stays down', async () => {
    const program = join(terminal.folder, 'nats-server')
    const { COVEY_NATS_SERVER: before } = process.env
    symlinkSync(findBrokerBinary(), program)
    process.env.COVEY_NATS_SERVER = program
    try {
      const { ended, servers } = await begin()
      rmSync(program)
      killFirst(servers)
      const { code, stderr } = await ended
      expect(code).to.equal(4)
      expect(stderr).to.contain('is no program').and.to.contain('broker_failed')
      expect(stderr).to.contain('start the cluster again with the same data')
    } finally {
      if (before === undefined) delete process.env.COVEY_NATS_SERVER
      else process.env.COVEY_NATS_SERVER = before
    }
  })

  it('says what to do about a store that another cluster uses', async () => {
    const first = await begin()
    const other = recordTerminal()
    const data = join(terminal.folder, '.covey', 'data')
    const { code, stderr } = await callCovey(other.folder, 'up', '--nodes', '0', '--data', data)
    other.remove()
    expect(code).to.equal(4)
    expect(stderr)
      .to.contain('error store_locked')
      .and.to.match(/\n→ end process \d+, or .*--data/)
    await first.end()
  })

  it('K38 starts no node on a log that another version of Covey has led, and says so at once', async () => {
    const first = await begin()
    await claimAs(foldVersion + 1, first.url)
    await first.end()
    const managerLog = join(terminal.folder, '.covey', 'data', 'logs', 'manager-1.log')
    const before = readFileSync(managerLog, 'utf8')
    const { code, stderr } = await callCovey(terminal.folder, 'up', '--nodes', '0')
    expect(code).to.equal(4)
    expect(stderr).to.contain(`error log_foreign: shard 0 was led by fold ${foldVersion + 1}`)
    expect(stderr).to.contain('--data DIR')
    expect(readFileSync(managerLog, 'utf8'), 'no manager was started').to.equal(before)
  })
})
