import { createSubjects, type Subjects } from '@covey/protocol'
import type { Bus, LinkState, Links } from '@covey/transport'
import { expect } from 'chai'
import { bytes, eventually, type MakeWorld, rejection, type TransportWorld, text } from './transport-world.js'

const statesOf = (bus: Bus): LinkState[] => {
  const states: LinkState[] = []
  bus.onNews((news) => news.kind === 'state' && states.push(news.state))
  return states
}

/** What every adapter of the `Bus` port does when its link is lost, found again and closed. */
export function busLinkContract(name: string, make: MakeWorld): void {
  describe(`Link of a Bus over ${name}`, () => {
    let world: TransportWorld
    let subjects: Subjects
    let left: Links
    let right: Links

    beforeEach(async () => {
      world = await make()
      subjects = createSubjects(world.cluster)
      left = await world.open('left')
      right = await world.open('right')
    })
    afterEach(() => world.close())

    it('is up when it has been opened, and says since when', () => {
      expect(left.control.state).to.equal('up')
      expect(left.data.state).to.equal('up')
      expect(left.control.stateSinceMs).to.be.a('number').that.is.at.least(0)
    })

    it('tells that it went down and came up, and hears as before', async () => {
      const states = statesOf(right.control)
      const heard: string[] = []
      right.control.subscribe(subjects.command(0), (message) => heard.push(text(message.data)))
      await right.control.flush()
      const sinceMs = right.control.stateSinceMs
      await world.stopBroker()
      await eventually(
        'both links are down',
        () => right.control.state === 'down' && left.control.state === 'down',
      )
      await world.startBroker()
      await eventually('both links are up', () => right.control.state === 'up' && left.control.state === 'up')
      expect(states).to.deep.equal(['down', 'up'])
      expect(right.control.stateSinceMs).to.be.greaterThan(sinceMs)
      await right.control.flush()
      left.control.publish(subjects.command(0), bytes('again'))
      await eventually('the message has arrived', () => heard.length === 1)
    })

    it('sends nothing while it is down, says so, and loses it', async () => {
      const heard: string[] = []
      right.control.subscribe(subjects.command(0), (message) => heard.push(text(message.data)))
      await right.control.flush()
      await world.stopBroker()
      await eventually('the link is down', () => left.control.state === 'down')
      expect(left.control.publish(subjects.command(0), bytes('lost'))).to.equal(false)
      expect((await left.control.request(subjects.command(0), bytes('lost'), 60_000)).kind).to.equal(
        'disconnected',
      )
      expect(await rejection(left.control.flush())).to.have.property('code', 'unreachable')
      await world.startBroker()
      await eventually('both links are up', () => right.control.state === 'up' && left.control.state === 'up')
      await right.control.flush()
      left.control.publish(subjects.command(0), bytes('kept'))
      await eventually('the later message has arrived', () => heard.length > 0)
      expect(heard).to.deep.equal(['kept'])
    })

    it('ends a request in flight as disconnected, long before its deadline', async () => {
      right.control.subscribe(subjects.command(0), () => undefined)
      await right.control.flush()
      const outcome = left.control.request(subjects.command(0), bytes('x'), 3_600_000)
      await left.control.flush()
      await world.stopBroker()
      expect((await outcome).kind).to.equal('disconnected')
    })

    it('takes a subscription while it is down, and has it in force once it is up', async () => {
      await world.stopBroker()
      await eventually('the link is down', () => right.control.state === 'down')
      const heard: string[] = []
      right.control.subscribe(subjects.command(0), (message) => heard.push(text(message.data)))
      await world.startBroker()
      await eventually('both links are up', () => right.control.state === 'up' && left.control.state === 'up')
      await right.control.flush()
      left.control.publish(subjects.command(0), bytes('1'))
      await eventually('the message has arrived', () => heard.length === 1)
    })

    it('handles what has arrived when it is drained, and is then closed for good', async () => {
      const states = statesOf(right.control)
      const heard: string[] = []
      right.control.subscribe(subjects.command(0), (message) => heard.push(text(message.data)))
      await right.control.flush()
      for (let index = 0; index < 100; index += 1)
        left.control.publish(subjects.command(0), bytes(`${index}`))
      await left.control.flush()
      await right.control.drain()
      expect(heard).to.have.lengthOf(100)
      expect(right.control.state).to.equal('closed')
      expect(states).to.deep.equal(['closed'])
      expect(right.control.publish(subjects.command(0), bytes('x'))).to.equal(false)
      expect((await right.control.request(subjects.command(0), bytes('x'), 1_000)).kind).to.equal(
        'disconnected',
      )
      expect((await left.control.request(subjects.command(0), bytes('x'), 1_000)).kind).to.equal(
        'noResponders',
      )
    })

    it('closes while it is down, and closing twice is harmless', async () => {
      await world.stopBroker()
      await eventually('the link is down', () => left.control.state === 'down')
      await left.close()
      await left.close()
      expect([left.control.state, left.data.state]).to.deep.equal(['closed', 'closed'])
    })

    it('calls a listener of news no more once it is stopped', async () => {
      const states: string[] = []
      const stop = left.control.onNews((news) => states.push(news.kind))
      stop()
      stop()
      await world.stopBroker()
      await eventually('the link is down', () => left.control.state === 'down')
      expect(states).to.deep.equal([])
    })
  })
}
