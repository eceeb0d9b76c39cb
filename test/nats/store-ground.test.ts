import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Broker, type BrokerOptions, findBrokerBinary, startBroker, systemClock } from '@covey/transport'
import { expect } from 'chai'
import { type Client, connect, defineWorkflow, type RunningNode, startNode } from 'covey'
import type { Finding } from '../../packages/cli/src/doctor/finding.js'
import { callCovey } from '../cli/calls.js'
import { lockWrites, mountFolder } from '../harness/mounted-folder.js'
import { skipBecause } from '../harness/skip-because.js'
import { rejection } from '../transport/transport-world.js'

const measure = defineWorkflow({
  name: 'measure',
  version: '1',
  run: ({ input }) => (input as string).length,
})

/** A store with room for a few megabytes, and what makes room. */
interface TightStore {
  readonly folder: string
  readonly binary?: string
  makeRoom(): void
  remove(): void
}

const makeFolder = (): string => realpathSync(mkdtempSync(join(tmpdir(), 'covey-store-')))

/** A broker whose files cannot grow: where nobody may mount, a disk that is full looks like that to it. */
function limitedStore(): TightStore | undefined {
  if (process.platform === 'win32') return undefined
  const folder = makeFolder()
  const binary = join(folder, 'limited-nats-server')
  // A signal that is ignored leaves a failed write, as a full disk does.
  const script = `#!/bin/sh\ntrap '' XFSZ\nulimit -f 4096 && exec '${findBrokerBinary()}' "$@"\n`
  writeFileSync(binary, script)
  chmodSync(binary, 0o700)
  const remove = () => rmSync(folder, { recursive: true, force: true })
  return { folder, binary, makeRoom: () => undefined, remove }
}

function tightStore(): TightStore | undefined {
  const mounted = mountFolder(6)
  if (mounted === undefined) return limitedStore()
  return { folder: mounted.path, makeRoom: () => mounted.resize(64), remove: () => mounted.remove() }
}

describe('A store', function () {
  this.timeout(60_000)
  const undo: (() => unknown)[] = []
  let port: number | undefined
  let broker: Broker
  let client: Client
  let node: RunningNode
  afterEach(async () => {
    for (const step of undo.splice(0).reverse()) await step()
    port = undefined
  })

  const start = async (dataDir: string, more: Partial<BrokerOptions> = {}): Promise<Broker> => {
    const named = port === undefined ? {} : { port }
    const started = await startBroker({
      dataDir,
      startDeadlineMs: 8_000,
      clock: systemClock,
      ...named,
      ...more,
    })
    port = Number(new URL(started.url).port)
    return started
  }
  const form = async (): Promise<void> => {
    const server = broker.url
    node = await startNode({ name: 'all', server, workflows: [measure], slots: 4, logger: 'silent' })
    undo.push(() => node.close())
    client = await connect({ server })
    undo.push(() => client.close())
    await node.ready
  }
  const doctor = async (folder: string): Promise<Finding[]> => {
    const { stdout } = await callCovey(folder, 'doctor', '--json', '--data', folder, '--server', broker.url)
    return (JSON.parse(stdout) as { checks: Finding[] }).checks
  }
  const of = (findings: readonly Finding[], check: string) =>
    findings.find((finding) => finding.check === check)

  it('that runs really full refuses with one error, and keeps all that it has accepted until there is room', async function () {
    const store = tightStore()
    if (store === undefined)
      return skipBecause(this, 'neither a mount nor a limit of file sizes is to be had')
    undo.push(() => store.remove())
    const dataDir = join(store.folder, 'broker')
    broker = await start(dataDir, store.binary === undefined ? {} : { binary: store.binary })
    undo.push(() => broker.stop())
    await form()
    const large = { name: 'large', characters: 200_000, accepted: 0 }
    const small = { name: 'small', characters: 100, accepted: 0 }
    const submit = ({ name, characters, accepted }: typeof large, deadlineMs: number) =>
      client.submit(measure, 'x'.repeat(characters), { id: `${name}-${accepted}`, deadlineMs })
    const fill = async (row: typeof large): Promise<void> => {
      for (const end = row.accepted + 100; row.accepted < end; row.accepted += 1) await submit(row, 2_000)
    }
    // A broker that fails to write may answer no question at all.
    const leader = (findings: readonly Finding[]) => of(findings, 'leader') ?? of(findings, 'broker')
    expect(await rejection(fill(large)))
      .to.include({ code: 'no_leader', retryable: true })
      .and.to.have.property('mend')
      .that.includes('room to write')
    expect(large.accepted).to.be.within(1, 99)
    let findings = await doctor(store.folder)
    // Where a large one has no room the claim of a leader may have it, until small ones have taken what is left.
    while (leader(findings)?.state === 'ok') {
      expect(await rejection(fill(small))).to.include({ code: 'no_leader' })
      findings = await doctor(store.folder)
    }
    expect(leader(findings))
      .to.include({ state: 'fail' })
      .and.to.have.property('mend')
      .that.includes('start the broker again')
    // The folder of this call has no cluster file: it is somebody else's broker.
    expect(of(findings, 'store')).to.include({ state: 'warn', where: store.folder })
    expect(of(findings, 'store')?.detail).to.contain(`process ${process.pid} runs a broker on it`)
    if (store.binary === undefined) expect(of(findings, 'free space')).to.include({ state: 'fail' })

    store.makeRoom()
    // It does not heed to be told to end, and would only be killed after a grace.
    const gone = new Promise((resolve) => broker.onExit(resolve))
    process.kill(broker.pid, 'SIGKILL')
    await gone
    broker = await start(dataDir)
    for (const row of [large, small]) {
      await submit(row, 20_000)
      for (let index = 0; index <= row.accepted; index += 1)
        expect(await client.result(`${row.name}-${index}`, { deadlineMs: 20_000 })).to.equal(row.characters)
    }
    const { jobs } = await client.status()
    const completed = large.accepted + small.accepted + 2
    expect(jobs).to.deep.equal({ running: 0, completed, failed: 0, cancelled: 0 })
  })

  it('that has become read-only is told of by one error, and goes on with all its jobs when it can be written', async function () {
    const folder = makeFolder()
    undo.push(() => rmSync(folder, { recursive: true, force: true }))
    const dataDir = join(folder, 'broker')
    // As covey up leaves it.
    mkdirSync(join(folder, 'logs'))
    broker = await start(dataDir)
    await form()
    const job = await client.submit(measure, 'four', { id: 'before' })
    expect(await job.result()).to.equal(4)
    await broker.stop()
    const release = lockWrites(dataDir)
    if (release === undefined) return skipBecause(this, 'root writes everywhere here, and may not mount')
    let isLocked = true
    const unlock = (): void => {
      if (isLocked) release()
      isLocked = false
    }
    undo.push(unlock)
    expect(await rejection(start(dataDir))).to.include({ code: 'folder_unusable', address: dataDir })
    const up = await callCovey(folder, 'up', '--data', folder)
    expect([up.code, up.stdout]).to.deep.equal([4, ''])
    expect(up.stderr).to.match(/^error folder_unusable: [^\n]+\n→ [^\n]*--data[^\n]*$/)
    expect(of(await doctor(folder), 'data folder')).to.include({ state: 'fail', where: dataDir })

    unlock()
    broker = await start(dataDir)
    undo.push(() => broker.stop())
    expect(await client.result('before', { deadlineMs: 20_000 })).to.equal(4)
    expect(await (await client.submit(measure, 'three', { deadlineMs: 20_000 })).result()).to.equal(5)
    expect((await client.status()).jobs).to.include({ completed: 2, running: 0 })
  })

  it('without any room from the start is told of by one error, with what to do', async function () {
    const mounted = mountFolder(1)
    if (mounted === undefined) return skipBecause(this, 'this user may not mount')
    undo.push(() => mounted.remove())
    const filler = join(mounted.path, 'filler')
    expect(() => writeFileSync(filler, new Uint8Array(2 * 1_024 ** 2))).to.throw(/ENOSPC/)
    const up = await callCovey(mounted.path, 'up', '--data', join(mounted.path, 'data'))
    expect([up.code, up.stdout]).to.deep.equal([4, ''])
    expect(up.stderr).to.match(/^error folder_unusable: [^\n]*ENOSPC[^\n]*\n→ [^\n]*free space[^\n]*$/)
  })
})
