import type { Notice } from '@covey/actors'
import { createActorSystem } from '@covey/engine'
import { CoveyError, createSubjects, singleServerTimings } from '@covey/protocol'
import { type Bus, type LinkNews, type Links, seededRandom } from '@covey/transport'
import { expect } from 'chai'
import { connect } from 'covey'
import { assembleNode } from 'covey/assembly'
import { noticeLinkNews } from '../../packages/covey/src/link-news.js'
import { ClientWorld } from './client-world.js'

describe('What links report', () => {
  let world: ClientWorld
  let notices: Notice[]
  const notice = (told: Notice): void => void notices.push(told)
  const error = new Error('of a callback')

  beforeEach(() => {
    world = new ClientWorld()
    notices = []
  })
  afterEach(() => world.close())

  /** Lets a callback throw on both connections, and time pass until that has been told. */
  async function fail({ control, data }: Links): Promise<void> {
    const stops = [control, data].map((bus) =>
      bus.subscribe('any', () => {
        throw error
      }),
    )
    await world.pass(10)
    data.publish('any', new Uint8Array())
    await world.pass(10)
    for (const stop of stops) stop()
  }

  it('is noticed by a node, a callback that threw as a defect', async () => {
    const links = world.open('m1')
    const { clock, cluster } = world
    const node = assembleNode(
      {
        system: createActorSystem({ node: 'm1', clock }),
        links,
        subjects: createSubjects(cluster),
        clock,
        random: seededRandom(1),
        timings: singleServerTimings,
        notice,
      },
      {
        nodeId: 'm1',
        roles: ['manager'],
        slots: 0,
        workflows: [],
        host: 'here',
        pid: 1,
        version: '0.1.0',
        since: '',
      },
    )
    await world.during(node.ready)
    await fail(links)
    const defect = { kind: 'defect', what: 'a callback of any threw', error }
    expect(notices).to.deep.equal([defect, defect])
    await world.during(node.close())
    await fail(links)
    expect(notices).to.have.length(2)
  })

  it('is told to the owner of a client until that is closed', async () => {
    const links = world.open('client')
    const client = await connect({ cluster: world.cluster, clock: world.clock, links, notice })
    await fail(links)
    expect(notices.map(({ kind }) => kind)).to.deep.equal(['defect', 'defect'])
    await client.close()
    await fail(links)
    expect(notices).to.have.length(2)
  })

  /** What tells of both links, and is heard. */
  function bothLinks(): ((news: LinkNews) => void)[] {
    const listeners: ((news: LinkNews) => void)[] = []
    const bus: Pick<Bus, 'onNews'> = {
      onNews(listener) {
        listeners.push(listener)
        return () => undefined
      },
    }
    noticeLinkNews({ links: { control: bus, data: bus } as unknown as Links, notice })
    return listeners
  }

  it('tells of a broker that refuses redials once for both links and each reason, and anew after they were up', () => {
    const listeners = bothLinks()
    const tell = (news: LinkNews): void => {
      for (const listener of listeners) listener(news)
    }
    const refused = (message: string): LinkNews => ({
      kind: 'refused',
      error: new CoveyError('permission_denied', message, { address: 'there', mend: 'do this' }),
    })
    for (const reason of ['a', 'a', 'b', 'a', 'b']) tell(refused(reason))
    tell({ kind: 'state', state: 'up' })
    tell(refused('b'))
    const told = { kind: 'broker.refused', address: 'there', mend: 'do this' }
    expect(notices).to.deep.equal(['a', 'b', 'b'].map((reason) => ({ ...told, reason })))
  })

  it('names a subject that the broker denies, and says nothing of the link itself', () => {
    for (const tell of bothLinks()) {
      tell({ kind: 'state', state: 'down' })
      tell({ kind: 'denied', subject: 'covey.test.log.0.batch' })
    }
    const denied = { kind: 'subject.denied', subject: 'covey.test.log.0.batch' }
    expect(notices).to.deep.equal([denied, denied])
  })
})
