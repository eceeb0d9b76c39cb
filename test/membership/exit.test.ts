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

  const ended = (changes: Partial<ExitedMessage> = {}): ExitedMessage => ({
    ...{ node: 'w', pid: 4_711, bootId: worker.membership.bootId, how: 'SIGKILL' },
    ...changes,
  })

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
    expect(await tell(ended())).to.deep.equal({ generation: 1 })
    const tookMs = await world.until(() => manager.view === 'w.1 departed', 500)
    expect(tookMs).to.be.lessThan(50)
    expect(manager.endings).to.deep.equal(['w.1 exited'])
  })

  it('K49 the exit of another process than the newest generation says nothing about it', async () => {
    for (const other of [{ pid: 4_712 }, { bootId: 'the-boot-of-a-former-life' }]) {
      expect(await tell(ended(other))).to.have.nested.property('error.code', 'not_found')
    }
    await world.run(2_000)
    expect(manager.view).to.equal('w.1 active')
  })

  it('K49 an exit that does not say of which run ends nobody who has the same pid', async () => {
    const launcher = world.broker.open('launcher')
    const { bootId: _, ...pidOnly } = ended()
    // Its encoder checks nothing: the door does.
    const frame = exitedMessage.encode(pidOnly as ExitedMessage)
    launcher.control.publish(world.subjects.channel('m', 1, 'exited'), frame)
    await world.until(() => manager.notices.some(({ kind }) => kind === 'frame.refused'), 1_000)
    await world.run(2_000)
    expect(manager.view).to.equal('w.1 active')
    await world.awaiting(launcher.close(), 1_000)
  })

  it('K49 the exit of a former run ends that run, and not the one that was started again meanwhile', async () => {
    const news = ended()
    worker.kill()
    const successor = world.node('w', { pid: 4_712, replace: true })
    await world.until(() => manager.view === 'w.2 active', 5_000)
    expect(await tell(news)).to.deep.equal({ generation: 1 })
    await world.until(() => manager.members.endOf('w', 1)?.how === 'exited', 500)
    expect(await tell(news)).to.deep.equal({ generation: 1 })
    await world.run(2_000)
    expect(manager.view).to.equal('w.2 active')
    expect(successor.membership.state()).to.equal('active')
  })

  it('A7 a member is removed once, and who is none cannot be', async () => {
    worker.kill()
    const news = ended({ how: 'exit 0' })
    expect(await tell(news)).to.deep.equal({ generation: 1 })
    expect(await tell(news)).to.deep.equal({ generation: 1 })
    expect(await tell({ ...news, node: 'unknown' })).to.have.nested.property('error.code', 'not_found')
    expect(manager.endings).to.deep.equal(['w.1 exited'])
  })

  it('K49 only managers are asked', async () => {
    const launcher = world.broker.open('launcher')
    const subject = world.subjects.channel('w', 1, 'exited')
    const order = exitedMessage.encode(ended({ node: 'm' }))
    const outcome = await world.awaiting(launcher.control.request(subject, order, 1_000), 2_000)
    expect(outcome.kind).to.equal('noResponders')
    await world.awaiting(launcher.close(), 1_000)
  })

  it('K49 a live process that is called exited by mistake comes back under a new generation', async () => {
    await tell(ended({ how: 'a lie' }))
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
