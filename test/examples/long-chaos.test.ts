import type { LaunchedNode, LaunchedServer } from '@covey/cli'
import { expect } from 'chai'
import { concatWith, from, NEVER, throwError } from 'rxjs'
import { readArguments } from '../../examples/word-count/src/arguments.js'
import { drawStrikes, type Strike } from '../../examples/word-count/src/long-chaos/draw-strikes.js'
import { type Blows, type StrikeActs, strikeOn } from '../../examples/word-count/src/long-chaos/strike-on.js'
import { unequalViews } from '../../examples/word-count/src/long-chaos/unequal-views.js'

const node = (name: string, pid: number): LaunchedNode => ({ name, pid, roles: ['worker'], metricsUrl: null })

const server = (name: string): LaunchedServer => ({ name, pid: 1, url: 'nats://127.0.0.1:1' })

const scriptedCluster = (nodes: LaunchedNode[], servers: LaunchedServer[] = []) => {
  const signals: string[] = []
  const kill = (name: string, signal: NodeJS.Signals): void => {
    signals.push(`${signal} ${name}`)
    if (signal !== 'SIGKILL') return
    servers.splice(0, servers.length, ...servers.filter((other) => other.name !== name))
    nodes.splice(0, nodes.length, ...nodes.filter((other) => other.name !== name))
  }
  return { cluster: { nodes, servers, kill }, signals }
}

const none: Blows = { kills: 0, freezes: 0, brokerKills: 0, storms: 0, struck: new Set(), stopped: [] }
const blow = (kind: Strike['kind'], share: number, forMs = 0): Strike => ({ kind, waitMs: 0, share, forMs })
const silent: StrikeActs = { say: () => undefined, storm: () => undefined }
const { signal: never } = new AbortController()

/** Blows that are called off by the first storm, and not by time; first there happens what else is to. */
function endedByStorm(first: () => void = () => undefined): { acts: StrikeActs; signal: AbortSignal } {
  const ending = new AbortController()
  const storm = (): void => {
    first()
    ending.abort()
  }
  return { acts: { ...silent, storm }, signal: ending.signal }
}

describe('the blows of npm run chaos', () => {
  it('are the same for the same seed, and others for another', () => {
    expect(drawStrikes(7, 600_000)).to.deep.equal(drawStrikes(7, 600_000))
    expect(drawStrikes(7, 600_000)).not.to.deep.equal(drawStrikes(8, 600_000))
  })

  it('kill nodes and the broker, freeze up to 20 s, and storm, each within a minute, within the time given', () => {
    const kinds = new Set(['kill', 'freeze', 'server', 'storm'])
    for (const seed of [1, 2, 3]) {
      const strikes = drawStrikes(seed, 600_000)
      expect(new Set(strikes.slice(0, 7).map(({ kind }) => kind))).to.deep.equal(kinds)
      expect(Math.max(...strikes.map(({ forMs }) => forMs))).to.equal(20_000)
      expect(strikes.filter(({ kind, forMs }) => kind !== 'freeze' && forMs > 0)).to.deep.equal([])
      expect(strikes.reduce((sum, { waitMs }) => sum + waitMs, 0)).to.be.below(600_000)
    }
    expect(drawStrikes(1, 0)).to.deep.equal([])
  })

  it('hit whom they name among those that are awake, and thaw whom they have frozen', async () => {
    const { cluster, signals } = scriptedCluster([node('a', 1), node('b', 2)])
    const { acts, signal } = endedByStorm()
    const strikes = [blow('freeze', 0.9, 600_000), blow('kill', 0.9), blow('storm', 0)]
    const blows = await strikeOn(cluster, strikes, acts, signal)
    expect(blows).to.deep.equal({
      ...none,
      kills: 1,
      freezes: 1,
      storms: 1,
      struck: new Set(['a', 'b']),
      stopped: ['b'],
    })
    expect(signals).to.deep.equal(['SIGSTOP b', 'SIGKILL a', 'SIGCONT b'])
  })

  it('fell one of three servers, and no second one before it is back', async () => {
    const { cluster, signals } = scriptedCluster([node('a', 1)], ['x', 'y', 'z'].map(server))
    const blows = await strikeOn(cluster, [blow('server', 0.5), blow('server', 0.5)], silent, never)
    expect(blows).to.deep.equal({ ...none, brokerKills: 1 })
    expect(signals).to.deep.equal(['SIGKILL y'])
  })

  it('kill the only server, which is the broker, and not while it is away', async () => {
    const { cluster, signals } = scriptedCluster([node('a', 1)], [server('nats-server')])
    const blows = await strikeOn(cluster, [blow('server', 0.9), blow('server', 0.9)], silent, never)
    expect(blows).to.deep.equal({ ...none, brokerKills: 1 })
    expect(signals).to.deep.equal(['SIGKILL nats-server'])
  })

  it('begin a storm, and go on without waiting for its end', async () => {
    const { cluster, signals } = scriptedCluster([node('a', 1)])
    const shares: number[] = []
    const acts = { ...silent, storm: (share: number) => void shares.push(share) }
    const blows = await strikeOn(cluster, [blow('storm', 0.25), blow('storm', 0.5)], acts, never)
    expect([blows, shares, signals]).to.deep.equal([{ ...none, storms: 2 }, [0.25, 0.5], []])
  })

  it('leave alone what has ended while it was frozen, and hit nobody where nobody is awake', async () => {
    const { cluster, signals } = scriptedCluster([node('a', 1)])
    const { acts, signal } = endedByStorm(() => cluster.nodes.splice(0, 1))
    const strikes = [blow('freeze', 0, 600_000), blow('kill', 0), blow('storm', 0)]
    const blows = await strikeOn(cluster, strikes, acts, signal)
    expect(blows).to.deep.equal({ ...none, freezes: 1, storms: 1, struck: new Set(['a']), stopped: ['a'] })
    expect(signals).to.deep.equal(['SIGSTOP a'])
  })

  it('end when they are called off, and thaw everyone at once', async () => {
    const { cluster, signals } = scriptedCluster([node('a', 1)])
    const ending = new AbortController()
    const struck = strikeOn(
      cluster,
      [blow('freeze', 0, 600_000), { ...blow('kill', 0), waitMs: 600_000 }],
      { ...silent, say: (line) => void (line.includes('stopped') && setImmediate(() => ending.abort())) },
      ending.signal,
    )
    expect(await struck).to.deep.equal({ ...none, freezes: 1, struck: new Set(['a']), stopped: ['a'] })
    expect(signals).to.deep.equal(['SIGSTOP a', 'SIGCONT a'])
  })
})

const told = (nodeId: string, peer: string, to: string, generation = 1) => ({
  ...{ node: nodeId, generation, kind: 'peer', actor: `peer.${peer}`, from: '', event: '', to },
  ...{ at: { local: 1 }, elapsedMs: 0 },
})
type Told = ReturnType<typeof told>

const clientThatTells = (...transitions: Told[]) =>
  ({ transitions: () => from(transitions).pipe(concatWith(NEVER)) }) as unknown as Parameters<
    typeof unequalViews
  >[0]

describe('the views of all nodes', () => {
  it('are equal when each sees every other as active', async () => {
    const client = clientThatTells(
      told('a', 'b', 'suspect'),
      told('b', 'a', 'active'),
      told('a', 'b', 'active'),
    )
    expect(await unequalViews(client, ['a', 'b'], 60_000)).to.deep.equal([])
  })

  it('that differ at the deadline are named, by the newest generation of who sees', async () => {
    const client = clientThatTells(
      told('a', 'b', 'active'),
      told('a', 'b', 'departed', 2),
      told('a', 'b', 'active', 1),
    )
    expect(await unequalViews(client, ['a', 'b'], 1)).to.deep.equal([
      'a sees b as departed',
      'b sees a as nobody',
    ])
  })

  it('that cannot be read are an error', async () => {
    const broken = { transitions: () => throwError(() => new Error('closed')) } as unknown as Parameters<
      typeof unequalViews
    >[0]
    const outcome = await unequalViews(broken, ['a'], 60_000).catch((error: Error) => error.message)
    expect(outcome).to.equal('closed')
  })
})

describe('the arguments of npm run chaos', () => {
  it('name minutes and a seed, and end with the last of them', () => {
    const options = readArguments(
      ['--minutes', '10', '--minutes', '2', '--seed', '7', '--shards', '4'],
      '/',
      {},
    )
    expect(options).to.deep.include({ long: { minutes: 2, seed: 7 }, exit: true, inspect: false, shards: 4 })
    expect(readArguments(['--minutes', '1'], '/', {}))
      .to.have.nested.property('long.seed')
      .that.is.a('number')
  })

  it('that make no sense are refused', () => {
    expect(() => readArguments(['--minutes', 'ten'], '/', {})).to.throw('--minutes is a number')
    expect(() => readArguments(['--minutes', '-1'], '/', {})).to.throw()
    expect(() => readArguments(['--seed', '1'], '/', {})).to.throw('--minutes')
    expect(() => readArguments(['--minutes', '1', '--memory'], '/', {})).to.throw('--memory')
    expect(() => readArguments(['--servers', '2'], '/', {})).to.throw('--servers is 1 or 3')
    expect(() => readArguments(['--servers', '3', '--memory'], '/', {})).to.throw('--servers')
    for (const shards of ['0', '1.5', 'many'])
      expect(() => readArguments(['--shards', shards], '/', {})).to.throw('--shards is a whole number')
  })
})
