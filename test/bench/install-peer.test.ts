import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { installPeer, moleculer, nodeFor, npmReason, type PeerPackage, type RunNpm } from '@covey/bench'
import { expect } from 'chai'

describe('A peer', () => {
  let parent: string
  let peer: PeerPackage
  let said: string[]
  let runs: { readonly args: readonly string[]; readonly cwd: string }[]
  const say = (text: string): void => {
    said.push(text)
  }
  const npm =
    (code: number, output = ''): RunNpm =>
    async (args, cwd) => {
      runs.push({ args, cwd })
      return { code, output }
    }

  beforeEach(() => {
    parent = mkdtempSync(join(tmpdir(), 'covey-peer-'))
    const packages = { peer: '1.2.3', driver: '4.5.6' }
    peer = { name: 'Peer 1.2.3', folder: join(parent, 'peer'), packages, nodeFrom: [20, 0, 0] }
    said = []
    runs = []
  })
  afterEach(() => rmSync(parent, { recursive: true }))

  it('is installed in exact versions into a folder of its own, without scripts, and that is said first', async () => {
    const runNpm: RunNpm = (args, cwd) => {
      expect(said).to.have.length(1)
      return npm(0)(args, cwd)
    }
    expect(await installPeer(peer, { runNpm, say })).to.deep.equal({ kind: 'there' })
    expect(said[0]).to.include('installing peer@1.2.3 driver@4.5.6 from the npm registry')
    expect(runs).to.have.length(1)
    expect(runs[0]?.cwd).to.equal(peer.folder)
    expect(runs[0]?.args).to.include.members(['install', '--prefix', peer.folder, '--ignore-scripts'])
    const manifest = JSON.parse(readFileSync(join(peer.folder, 'package.json'), 'utf8'))
    expect(manifest.dependencies).to.deep.equal(peer.packages)
  })

  it('is not installed again, and nothing is said, where it is there', async () => {
    await installPeer(peer, { runNpm: npm(0), say })
    expect(await installPeer(peer, { runNpm: npm(1), say })).to.deep.equal({ kind: 'there' })
    expect([runs.length, said.length]).to.deep.equal([1, 1])
  })

  it('is installed anew where another version is there, and what was there is gone', async () => {
    await installPeer(peer, { runNpm: npm(0), say })
    const left = join(peer.folder, 'left')
    writeFileSync(left, '')
    await installPeer({ ...peer, packages: { peer: '1.2.4' } }, { runNpm: npm(0), say })
    expect(runs).to.have.length(2)
    expect(existsSync(left)).to.equal(false)
  })

  it('is not taken for installed where npm failed, and the reason is what npm said', async () => {
    const output =
      'npm error code ENOTFOUND\nnpm error network request to https://r failed\nnpm error A complete log'
    const runNpm = npm(1, output)
    const failed = { kind: 'failed', reason: 'network request to https://r failed' }
    expect(await installPeer(peer, { runNpm, say })).to.deep.equal(failed)
    expect(await installPeer(peer, { runNpm, say })).to.deep.equal(failed)
    expect(runs).to.have.length(2)
  })

  it('runs on this Node, where that is new enough, and none is installed for it', async () => {
    expect(await nodeFor(moleculer, [24, 1, 0], { runNpm: npm(1), say })).to.deep.equal({ kind: 'this' })
    expect(runs).to.deep.equal([])
  })
})

describe('The reason of npm', () => {
  for (const [output, reason] of [
    [
      'npm error code E404\nnpm error 404 Not Found - GET https://r/node-aix-ppc64',
      '404 Not Found - GET https://r/node-aix-ppc64',
    ],
    [
      'npm ERR! code EACCES\nnpm ERR! syscall mkdir\nnpm ERR! Error: permission denied',
      'Error: permission denied',
    ],
    ['spawn npm ENOENT', 'spawn npm ENOENT'],
    ['', 'npm said nothing'],
  ] as const)
    it(`is ${JSON.stringify(reason)}`, () => {
      expect(npmReason(output)).to.equal(reason)
    })
})
