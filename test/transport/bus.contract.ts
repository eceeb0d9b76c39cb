import { createSubjects, limits, type Subjects } from '@covey/protocol'
import type { Bus, BusMessage, Links } from '@covey/transport'
import { expect } from 'chai'
import { bytes, eventually, type MakeWorld, rejection, type TransportWorld, text } from './transport-world.js'

const listen = (bus: Bus, subject: string): string[] => {
  const heard: string[] = []
  bus.subscribe(subject, (message) => heard.push(text(message.data)))
  return heard
}

const answerWith = (bus: Bus, prefix: string) => (message: BusMessage) => {
  if (message.reply !== undefined) bus.publish(message.reply, bytes(prefix + text(message.data)))
}

/** What every adapter of the `Bus` port does while its link is up. */
export function busContract(name: string, make: MakeWorld): void {
  describe(`Bus over ${name}`, () => {
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

    it('delivers to every subscriber, the publisher included', async () => {
      const here = listen(left.control, subjects.command(0))
      const there = listen(right.control, subjects.command(0))
      const alsoThere = listen(right.data, subjects.command(0))
      await Promise.all([left.control.flush(), right.control.flush(), right.data.flush()])
      expect(left.control.publish(subjects.command(0), bytes('hello'))).to.equal(true)
      await eventually('all three have heard', () => here.length + there.length + alsoThere.length === 3)
      expect([here, there, alsoThere]).to.deep.equal([['hello'], ['hello'], ['hello']])
    })

    it('keeps the order of one publisher, across subjects too', async () => {
      const heard = listen(right.control, subjects.nodeInbox('right', 1))
      await right.control.flush()
      const sent = Array.from({ length: 500 }, (_, index) => String(index))
      for (const [index, item] of sent.entries()) {
        left.control.publish(subjects.node('right', 1, index % 2 === 0 ? 'run' : 'cancel'), bytes(item))
      }
      await eventually('all have arrived', () => heard.length === sent.length)
      expect(heard).to.deep.equal(sent)
    })

    it('never delivers inside publish', async () => {
      let inside = false
      const heardInside: boolean[] = []
      left.control.subscribe(subjects.command(0), () => heardInside.push(inside))
      await left.control.flush()
      inside = true
      left.control.publish(subjects.command(0), bytes('x'))
      inside = false
      await eventually('it has arrived', () => heardInside.length === 1)
      expect(heardInside).to.deep.equal([false])
    })

    it('matches * against one token and > against the rest', async () => {
      const one = listen(right.control, subjects.newsOfAll('bye'))
      const rest = listen(right.control, subjects.nodeInbox('n', 1))
      await right.control.flush()
      left.control.publish(subjects.news('bye', 'a'), bytes('bye'))
      left.control.publish(`${subjects.news('bye', 'a')}.deeper`, bytes('no'))
      left.control.publish(subjects.node('n', 2, 'run'), bytes('no'))
      left.control.publish(subjects.node('n', 1, 'run'), bytes('run'))
      left.control.publish(subjects.channel('n', 1, 'watch'), bytes('watch'))
      await eventually('the last has arrived', () => rest.includes('watch'))
      expect([one, rest]).to.deep.equal([['bye'], ['run', 'watch']])
    })

    it('gives each subscriber bytes that nobody else holds', async () => {
      const first: Uint8Array[] = []
      right.control.subscribe(subjects.command(0), (message) => {
        first.push(message.data)
        message.data.fill(0)
      })
      const second = listen(right.control, subjects.command(0))
      await right.control.flush()
      left.control.publish(subjects.command(0), bytes('mine'))
      await eventually('both have heard', () => second.length === 1 && first.length === 1)
      expect(second).to.deep.equal(['mine'])
    })

    it('K51 delivers what was sent, whatever its sender does to its buffer later', async () => {
      const heard = listen(right.control, subjects.command(0))
      await right.control.flush()
      const own = Buffer.from('as it was')
      left.control.publish(subjects.command(0), own)
      const asked = left.control.request(subjects.command(0), own, 50)
      own.fill(0)
      await asked
      await eventually('both have arrived', () => heard.length === 2)
      expect(heard).to.deep.equal(['as it was', 'as it was'])
    })

    it('answers a request with the first reply', async () => {
      right.control.subscribe(subjects.command(0), answerWith(right.control, 'first '))
      right.control.subscribe(subjects.command(0), answerWith(right.control, 'second '))
      await right.control.flush()
      const outcomes = await Promise.all(
        ['a', 'b', 'c'].map((item) => left.control.request(subjects.command(0), bytes(item), 2_000)),
      )
      // Which of two subscribers is first is the broker's choice.
      const answers = outcomes.map((outcome) =>
        outcome.kind === 'reply' ? text(outcome.data) : outcome.kind,
      )
      expect(answers.map((answer) => answer.replace(/^(first|second) /, ''))).to.deep.equal(['a', 'b', 'c'])
    })

    it('tells apart that nobody hears a request and that nobody answers it', async () => {
      right.control.subscribe(subjects.command(1), () => undefined)
      await right.control.flush()
      const [unheard, unanswered] = await Promise.all([
        left.control.request(subjects.command(0), bytes('x'), 5_000),
        left.control.request(subjects.command(1), bytes('x'), 50),
      ])
      expect(unheard.kind).to.equal('noResponders')
      expect(unanswered.kind).to.equal('timeout')
    })

    it('says nothing to the reply subject of a message that nobody hears', async () => {
      const inbox = left.control.inbox()
      const heard = listen(left.control, `${inbox}.>`)
      await left.control.flush()
      left.control.publish(subjects.command(7), bytes('x'), `${inbox}.answer`)
      left.control.publish(`${inbox}.marker`, bytes('marker'))
      await eventually('the marker has arrived', () => heard.includes('marker'))
      expect(heard).to.deep.equal(['marker'])
    })

    it('refuses a request beyond those that may be in flight', async () => {
      right.control.subscribe(subjects.command(1), () => undefined)
      await right.control.flush()
      const waiting = Array.from({ length: limits.requestsInFlightMax }, () =>
        left.control.request(subjects.command(1), bytes('x'), 60_000),
      )
      expect((await left.control.request(subjects.command(1), bytes('x'), 60_000)).kind).to.equal(
        'overloaded',
      )
      await left.close()
      const kinds = new Set((await Promise.all(waiting)).map((outcome) => outcome.kind))
      expect([...kinds].filter((kind) => kind !== 'timeout')).to.deep.equal(['disconnected'])
    })

    it('goes on after a callback has thrown, and reports it', async () => {
      const reported: unknown[] = []
      right.control.onNews(
        (news) => news.kind === 'callbackFailed' && reported.push(news.subject, news.error),
      )
      const failure = new Error('a bug of the subscriber')
      right.control.subscribe(subjects.command(0), () => {
        throw failure
      })
      const heard = listen(right.control, subjects.command(0))
      await right.control.flush()
      left.control.publish(subjects.command(0), bytes('1'))
      left.control.publish(subjects.command(0), bytes('2'))
      await eventually('the other callback has heard both', () => heard.length === 2 && reported.length === 4)
      expect(reported).to.deep.equal([subjects.command(0), failure, subjects.command(0), failure])
      await right.control.flush()
    })

    it('calls back no more once a subscription is stopped, and lets it be stopped twice', async () => {
      const heard: string[] = []
      const stop = right.control.subscribe(subjects.command(0), (message) => heard.push(text(message.data)))
      const other = listen(right.control, subjects.command(0))
      await right.control.flush()
      left.control.publish(subjects.command(0), bytes('1'))
      await eventually('the first has arrived', () => heard.length === 1 && other.length === 1)
      stop()
      stop()
      left.control.publish(subjects.command(0), bytes('2'))
      await eventually('the other subscription has heard the second', () => other.length === 2)
      expect(heard).to.deep.equal(['1'])
    })

    it('has subscriptions in force once flush has resolved', async () => {
      for (let round = 0; round < 20; round += 1) {
        const stop = right.control.subscribe(subjects.command(round), answerWith(right.control, ''))
        await right.control.flush()
        const outcome = await left.control.request(subjects.command(round), bytes('x'), 2_000)
        expect(outcome.kind).to.equal('reply')
        stop()
      }
    })

    it('carries pushes to an inbox that is its own', async () => {
      expect(left.control.inbox()).to.not.equal(right.control.inbox())
      const inbox = left.control.inbox()
      const heard = listen(left.control, `${inbox}.>`)
      await left.control.flush()
      for (const item of ['1', '2', '3']) right.control.publish(`${inbox}.push`, bytes(item))
      await eventually('the pushes have arrived', () => heard.length === 3)
      expect(heard).to.deep.equal(['1', '2', '3'])
    })

    it('refuses what is over the payload limit', async () => {
      const tooLarge = new Uint8Array(limits.payloadBytesMax + 1)
      expect(() => left.control.publish(subjects.command(0), tooLarge))
        .to.throw()
        .with.property('code', 'too_large')
      const error = await rejection(left.control.request(subjects.command(0), tooLarge, 1_000))
      expect(error).to.have.property('code', 'too_large')
    })
  })
}
