import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { systemClock } from '@covey/transport'
import { expect } from 'chai'
import { type ClusterFile, clusterFilePath, writeClusterFile } from '../../packages/cli/src/cluster-file.js'
import { type Finding, runChecks } from '../../packages/cli/src/doctor/finding.js'
import { type StoreGround, storeChecks } from '../../packages/cli/src/doctor/store-checks.js'
import { keepPort } from '../../packages/cli/src/launch/kept-port.js'
import { knowProcess } from '../../packages/transport/src/nats/broker/process-identity.js'
import { type RecordedTerminal, recordTerminal } from './recorded-terminal.js'

const mebibyte = 1_024 ** 2
/** No process has a number as high. */
const gone = 2 ** 22 + 1

/** What one check says. */
const of = (findings: readonly Finding[], check: string): Finding | undefined =>
  findings.find((finding) => finding.check === check)

describe('doctor, where covey up would stand,', () => {
  let terminal: RecordedTerminal
  beforeEach(() => {
    terminal = recordTerminal()
  })
  afterEach(() => terminal.remove())

  const stand = (ground: Partial<StoreGround> = {}): Promise<Finding[]> =>
    runChecks(
      storeChecks,
      {
        ...{ folder: terminal.folder, dataDir: join(terminal.folder, 'data'), port: undefined },
        ...{ freeSpace: async () => ({ bytes: 1_024 * mebibyte, files: undefined }) },
        ...{ user: process.getuid?.() },
        ...ground,
      },
      systemClock,
    )
  const lock = (pid: number, store = 'data/broker', identity = 'of another start'): void => {
    const broker = join(terminal.folder, store)
    mkdirSync(broker, { recursive: true })
    // Of a process whose start nobody knows, it is only known that it lives.
    const owner = { pid, identity }
    writeFileSync(join(broker, 'lock.1'), JSON.stringify({ owner }))
  }
  const leave = (content: Partial<ClusterFile> & object): string => {
    const path = clusterFilePath(terminal.folder)
    writeClusterFile(path, {
      ...{ url: 'nats://127.0.0.1:1', cluster: 'c', pid: process.pid, inspector: null },
      ...content,
    })
    return path
  }

  it('finds nothing where all is well, and leaves nothing behind', async () => {
    expect((await stand()).map(({ check, state }) => [check, state])).to.deep.equal([
      ['data folder', 'ok'],
      ['free space', 'ok'],
    ])
  })

  for (const [what, state, freeSpace] of [
    ['a disk that is full', 'fail', { bytes: 3 * mebibyte, files: undefined }],
    ['a disk that is nearly full', 'warn', { bytes: 500 * mebibyte, files: 1_000_000 }],
    ['a disk without room for new files', 'fail', { bytes: 10 ** 12, files: 12 }],
  ] as const) {
    it(`finds ${what}`, async () => {
      const finding = of(await stand({ freeSpace: async () => freeSpace }), 'free space')
      expect(finding).to.include({ state, where: terminal.folder })
      expect(finding?.mend).to.match(/make room/)
    })
  }

  it('finds a file where its folder is to be, and a folder of another user', async () => {
    const where = join(terminal.folder, 'data')
    writeFileSync(where, '')
    expect(of(await stand(), 'data folder')).to.include({ state: 'fail', where })
    mkdirSync(join(terminal.folder, 'other'))
    const other = { dataDir: join(terminal.folder, 'other'), user: 12_345 }
    expect(of(await stand(other), 'data folder')).to.include({ state: 'warn', where: other.dataDir })
  })

  it('finds a store with a lock that cannot be read, and takes none that is stale for one', async () => {
    lock(gone)
    expect(of(await stand(), 'store')).to.equal(undefined)
    writeFileSync(join(terminal.folder, 'data/broker/lock.1'), '{')
    expect(of(await stand(), 'store'))
      .to.include({ state: 'fail' })
      .and.to.have.property('detail')
      .that.contains('store_locked')
  })

  it('finds a port that another program has: the one that is named, or the one of the last time', async () => {
    const server = createServer()
    const port = await new Promise<number>((resolve) => {
      server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port))
    })
    const where = `127.0.0.1:${port}`
    expect(of(await stand({ port }), 'port')).to.include({ state: 'fail', where })
    mkdirSync(join(terminal.folder, 'data'))
    keepPort(join(terminal.folder, 'data'), port)
    expect(of(await stand(), 'port')).to.include({ state: 'warn', where })
    const self = await knowProcess(process.pid)
    lock(process.pid, 'data/server-3', self?.identity)
    expect(of(await stand({ port }), 'port'), 'of another server').to.include({ state: 'fail', where })
    keepPort(join(terminal.folder, 'data/server-3'), port)
    expect(of(await stand({ port }), 'port')).to.include({
      ...{ state: 'ok', where, detail: 'the broker of the store has it' },
    })
    expect(of(await stand(), 'store')).to.include({ state: 'warn' })
    await new Promise((resolve) => server.close(resolve))
    expect(of(await stand({ port }), 'port')).to.include({ state: 'ok', where })
  })

  it('finds a cluster file that is broken, that says what nobody knows, or whose cluster is gone', async () => {
    const where = leave({ pid: gone })
    expect(of(await stand(), 'cluster file')).to.include({ state: 'warn', where })
    const extra = { colour: 'red', inspector: null }
    leave(extra)
    const unknown = of(await stand(), 'cluster file')
    expect(unknown)
      .to.include({ state: 'warn', where })
      .and.to.have.property('detail')
      .that.contains('colour')
    leave({})
    expect(of(await stand(), 'cluster file')).to.include({ state: 'ok', where })
    writeFileSync(where, '{')
    expect(of(await stand(), 'cluster file')).to.include({ state: 'fail', where })
  })
})
