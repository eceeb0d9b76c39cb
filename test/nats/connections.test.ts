import { expect } from 'chai'
import { type RunningNode, startNode } from 'covey'
import { pino } from 'pino'
import { eventually } from '../transport/transport-world.js'
import { freshCluster, useBroker } from './nats-world.js'

describe('Connections over NATS', function () {
  this.timeout(60_000)
  const broker = useBroker()
  const nodes: RunningNode[] = []
  const lines: { readonly level: number; readonly msg: string; readonly node: string }[] = []
  const logger = pino({ level: 'info' }, { write: (line: string) => lines.push(JSON.parse(line)) })
  let cluster: string
  beforeEach(() => {
    cluster = freshCluster()
    lines.length = 0
  })
  afterEach(() => Promise.all(nodes.splice(0).map((node) => node.close())))

  const start = async (name: string): Promise<RunningNode> => {
    const node = await startNode({
      ...{ name, cluster, server: broker.url, slots: 1, logger },
      roles: ['manager'],
    })
    nodes.push(node)
    return node
  }

  /** The states of the sessions of a node, by peer. */
  const sessionsOf = (node: RunningNode): Map<string, string> => {
    const states = new Map<string, string>()
    node
      .transitions({ kind: 'connection', actor: 'connection.*' })
      .subscribe(({ actor, to }) => states.set(actor.slice('connection.'.length), to))
      .unsubscribe()
    return states
  }

  const isMeshed = (all: readonly RunningNode[]): boolean =>
    all.every((node) => {
      const states = [...sessionsOf(node).values()]
      return states.length === all.length - 1 && states.every((state) => state === 'open')
    })

  it('N1 N5 N8 nodes that start at the same moment form one mesh, and log no error', async () => {
    const all = await Promise.all(['a', 'b', 'c'].map(start))
    await Promise.all(all.map(({ ready }) => ready))
    await eventually('every pair has its session', () => isMeshed(all))
    expect(lines.filter(({ level }) => level >= 40)).to.deep.equal([])
  })

  it('N4 a node that ended without a word comes back by the next generation, and is spoken to', async () => {
    const [a, b] = await Promise.all(['a', 'b'].map(start))
    await Promise.all([a!.ready, b!.ready])
    await eventually('every pair has its session', () => isMeshed([a!, b!]))
    await b!.close()
    const again = await start('b')
    const heard: unknown[] = []
    again.channel('chat', ({ message }) => heard.push(message))
    await again.ready
    await eventually('the pair has its session again', () => isMeshed([a!, again]))
    await a!.send('b', 'chat', 'welcome back')
    expect(heard).to.deep.equal(['welcome back'])
  })

  it('N2 a broker that is killed is one line a node and link, and the sessions are back with it', async () => {
    const all = await Promise.all(['a', 'b'].map(start))
    await Promise.all(all.map(({ ready }) => ready))
    await eventually('every pair has its session', () => isMeshed(all))
    lines.length = 0
    await broker.kill()
    await eventually('the loss is seen', () => sessionsOf(all[0]!).get('b') === 'backoff')
    await broker.start()
    await eventually('every pair has its session again', () => isMeshed(all))
    const lost = lines.filter(({ msg }) => msg === 'connection open -> backoff')
    expect(lost.filter(({ node }) => node === 'a').length).to.be.within(1, 2)
    expect(lines.filter(({ level }) => level >= 50)).to.deep.equal([])
  })
})
