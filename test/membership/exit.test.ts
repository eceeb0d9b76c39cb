import { type ExitedMessage, exitedMessage, type OrderAnswer, orderAnswer } from '@covey/protocol'
import type { SimulatedNode } from '@covey/simulator'
import { createWorld, type SimulatedWorld } from '@covey/simulator'
import { expect } from 'chai'

describe('exits', () => {
  let world: SimulatedWorld
  let manager: SimulatedNode
  let worker: SimulatedNode
  beforeEach(async () => {
    world = createWorld({ seed: 1, faults: { latencyMinMs: 0, latencyMaxMs: 10 } })
    manager = world.node('m', { roles: ['manager'] })
    worker = world.node('w', { pid: 4_711 })
    await world.until(() => manager.self !== undefined && worker.self !== undefined, 2_000)
    await world.run(500)
  })
  afterEach(() => world.close())

  const tell = async (news: ExitedMessage): Promise<OrderAnswer | string> => {
    const launcher = world.broker.open('launcher')
    const subject = world.subjects.channel('m', 1, 'exited')
    const asked = launcher.control.request(subject, exitedMessage.encode(news), 2_000)
    const outcome = await world.awaiting(asked, 2_000)
    await world.awaiting(launcher.close(), 1_000)
    return outcome.kind === 'reply' ? orderAnswer.decode(outcome.data) : outcome.kind
  }

  it('K49 the exit of a child that its launcher saw departs it at once, without votes', async () => {
    worker.kill()
    expect(await tell({ node: 'w', pid: 4_711, how: 'SIGKILL' })).to.deep.equal({ generation: 1 })
    const tookMs = await world.until(() => manager.view === 'w.1 departed', 500)
    expect(tookMs).to.be.lessThan(50)
    expect(manager.endings).to.deep.equal(['w.1 exited'])
  })

  it('K49 the exit of another process than the newest generation says nothing about it', async () => {
    const answer = await tell({ node: 'w', pid: 4_712, how: 'SIGKILL' })
    expect(answer).to.have.nested.property('error.code', 'not_found')
    const bootId = 'the-boot-of-a-former-life'
    expect(await tell({ node: 'w', pid: 4_711, bootId, how: 'exit 1' })).to.have.nested.property(
      'error.code',
      'not_found',
    )
    await world.run(2_000)
    expect(manager.view).to.equal('w.1 active')
  })

  it('K49 the exit of a former run ends that run, and not the one that was started again meanwhile', async () => {
    const { bootId } = worker.membership
    worker.kill()
    const successor = world.node('w', { pid: 4_712, replace: true })
    await world.until(() => manager.view === 'w.2 active', 5_000)
    const answer = await tell({ node: 'w', pid: 4_711, bootId, how: 'SIGKILL' })
    expect(answer).to.deep.equal({ generation: 1 })
    await world.until(() => manager.members.endOf('w', 1)?.how === 'exited', 500)
    expect(await tell({ node: 'w', pid: 4_711, bootId, how: 'SIGKILL' })).to.deep.equal({ generation: 1 })
    await world.run(2_000)
    expect(manager.view).to.equal('w.2 active')
    expect(successor.membership.state()).to.equal('active')
  })

  it('A7 a member is removed once, and who is none cannot be', async () => {
    worker.kill()
    const news = { node: 'w', pid: 4_711, how: 'exit 0' }
    expect(await tell(news)).to.deep.equal({ generation: 1 })
    expect(await tell(news)).to.deep.equal({ generation: 1 })
    expect(await tell({ ...news, node: 'unknown' })).to.have.nested.property('error.code', 'not_found')
    expect(manager.endings).to.deep.equal(['w.1 exited'])
  })

  it('K49 only managers are asked', async () => {
    const launcher = world.broker.open('launcher')
    const subject = world.subjects.channel('w', 1, 'exited')
    const order = exitedMessage.encode({ node: 'm', pid: 1, how: 'exit 0' })
    const outcome = await world.awaiting(launcher.control.request(subject, order, 1_000), 2_000)
    expect(outcome.kind).to.equal('noResponders')
    await world.awaiting(launcher.close(), 1_000)
  })

  it('K49 a live process that is called exited by mistake comes back under a new generation', async () => {
    await tell({ node: 'w', pid: 4_711, how: 'a lie' })
    await world.until(() => manager.view === 'w.2 active', 5_000)
    // Others may read the fact before its writer hears that it is written.
    await world.until(() => worker.path('node.w').at(-1) === 'active', 1_000)
    expect(manager.endings).to.deep.equal(['w.1 exited'])
    expect(worker.path('node.w').slice(-5)).to.deep.equal([
      'active',
      'reentering',
      'dialing',
      'joining',
      'active',
    ])
  })
})
