import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CoveyError } from '@covey/protocol'
import { expect } from 'chai'
import { findAddress } from '../../packages/cli/src/address.js'
import {
  clusterFilePath,
  findClusterFile,
  isAlive,
  removeClusterFile,
  writeClusterFile,
} from '../../packages/cli/src/cluster-file.js'
import { type RecordedTerminal, recordTerminal } from './recorded-terminal.js'

const content = { url: 'nats://127.0.0.1:4222', cluster: 'main', pid: process.pid, inspector: null }

const codeOf = (work: () => unknown): string => {
  try {
    work()
  } catch (error) {
    if (error instanceof CoveyError) return error.code
    throw error
  }
  return 'none'
}

describe('cluster file', () => {
  let terminal: RecordedTerminal
  beforeEach(() => {
    terminal = recordTerminal()
  })
  afterEach(() => terminal.remove())

  it('is for its owner only', () => {
    const path = clusterFilePath(terminal.folder)
    writeClusterFile(path, content)
    expect(statSync(path).mode & 0o777).to.equal(0o600)
    expect(JSON.parse(readFileSync(path, 'utf8'))).to.deep.equal(content)
  })

  it('is found from every folder below, the nearest first', () => {
    const below = join(terminal.folder, 'a', 'b')
    mkdirSync(below, { recursive: true })
    writeClusterFile(clusterFilePath(terminal.folder), content)
    expect(findClusterFile(below)?.content).to.deep.equal(content)
    writeClusterFile(clusterFilePath(join(terminal.folder, 'a')), { ...content, cluster: 'near' })
    expect(findClusterFile(below)?.content.cluster).to.equal('near')
  })

  it('leaves nothing behind when its process removes it', () => {
    const path = clusterFilePath(terminal.folder)
    writeClusterFile(path, content)
    removeClusterFile(path, process.pid + 1)
    expect(findClusterFile(terminal.folder)?.path).to.equal(path)
    removeClusterFile(path, process.pid)
    expect(readdirSync(terminal.folder)).to.deep.equal([])
  })

  it('stays out of the way of other files beside it', () => {
    const path = clusterFilePath(terminal.folder)
    writeClusterFile(path, content)
    writeFileSync(join(terminal.folder, '.covey', 'kept'), '')
    removeClusterFile(path, process.pid)
    expect(readdirSync(join(terminal.folder, '.covey'))).to.deep.equal(['kept'])
  })

  it('that cannot be written is an error that says where to start instead', () => {
    writeFileSync(join(terminal.folder, '.covey'), '')
    const write = () => writeClusterFile(clusterFilePath(terminal.folder), content)
    expect(codeOf(write)).to.equal('folder_unusable')
    expect(write).to.throw(CoveyError, 'cannot be written').with.property('mend').that.contains('folder')
  })

  it('that is broken is an error, not another cluster further up', () => {
    mkdirSync(join(terminal.folder, '.covey'))
    writeFileSync(clusterFilePath(terminal.folder), '{"url": 7}')
    const find = () => findClusterFile(terminal.folder)
    expect(codeOf(find)).to.equal('cluster_not_found')
    expect(find).to.throw(CoveyError, /cluster\.json is no cluster file: url: .+; pid: /)
    writeFileSync(clusterFilePath(terminal.folder), '{')
    expect(find).to.throw(CoveyError, /is no cluster file: .*JSON/)
  })

  it('with keys that nobody knows is read all the same: a newer version may have written them', () => {
    const path = clusterFilePath(terminal.folder)
    writeClusterFile(path, content)
    writeFileSync(path, JSON.stringify({ ...content, later: true }))
    expect(findClusterFile(terminal.folder)?.content).to.deep.equal(content)
  })

  it('tells whether its process lives', () => {
    expect(isAlive(process.pid)).to.equal(true)
    expect(isAlive(2 ** 22 + 1)).to.equal(false)
  })
})

describe('the address of a cluster', () => {
  let terminal: RecordedTerminal
  beforeEach(() => {
    terminal = recordTerminal()
  })
  afterEach(() => terminal.remove())

  it('is the option, else the environment, else the file', () => {
    writeClusterFile(clusterFilePath(terminal.folder), { ...content, cluster: 'filed' })
    const environment = { COVEY_SERVER: 'nats://environment:1' }
    const told = { ...terminal, environment }
    expect(findAddress(told, { server: 'nats://option:1' }).url).to.equal('nats://option:1')
    expect(findAddress(told, {}).url).to.equal('nats://environment:1')
    const three = 'nats://a:1,nats://b:2,c:3'
    expect(findAddress(told, { server: three }).url, 'of several servers').to.equal(three)
    expect(findAddress(terminal, {})).to.include({ url: content.url, cluster: 'filed' })
  })

  it('is an error that says what to do where nobody names one', () => {
    const error = (() => {
      try {
        return findAddress(terminal, {})
      } catch (thrown) {
        return thrown as CoveyError
      }
    })() as CoveyError
    expect(error.code).to.equal('cluster_not_found')
    expect(error.mend).to.contain('covey up').and.to.contain('--server').and.to.contain('COVEY_SERVER')
  })

  it('of a file whose process is gone says so', () => {
    writeClusterFile(clusterFilePath(terminal.folder), { ...content, pid: 2 ** 22 + 1 })
    expect(findAddress(terminal, {}).mend).to.contain('is gone')
  })

  it('with a password is refused without repeating it', () => {
    for (const server of ['nats://me:secret@a:1', 'nats://secret@a:1', 'me:secret@a:1', 'x me:secret@a']) {
      expect(() => findAddress(terminal, { server }))
        .to.throw(CoveyError, '***@a')
        .with.property('message')
        .that.does.not.contain('secret')
    }
  })

  it('is refused where it is none', () => {
    for (const server of [
      ...['two words', 'garbage', '', ':4222', 'nats://', 'nats://a b', 'nats://a:99999', 'http://a:1'],
      ...['nats://a:1/path', 'nats://a:1?x', 'nats://b:1,,nats://c:1', 'nats://b:1,garbage'],
    ]) {
      expect(
        codeOf(() => findAddress(terminal, { server })),
        server,
      ).to.equal('invalid_options')
    }
    for (const server of [
      'nats://a',
      'nats://a:1/',
      'tls://a.b:1',
      'localhost:4222',
      '[::1]:4222',
      'nats://[::1]:1',
    ])
      expect(findAddress(terminal, { server }).url).to.equal(server)
    expect(codeOf(() => findAddress(terminal, { server: 'nats://a:1', cluster: 'a.b' }))).to.equal(
      'invalid_options',
    )
  })
})
