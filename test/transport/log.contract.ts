import { createSubjects, limits, type Subjects } from '@covey/protocol'
import type { AppendOutcome, Links, Log } from '@covey/transport'
import { expect } from 'chai'
import { onceTaken } from './once-taken.js'
import { bytes, eventually, type MakeWorld, rejection, type TransportWorld, text } from './transport-world.js'

/** What every adapter of the `Log` port does. */
export function logContract(name: string, make: MakeWorld): void {
  describe(`Log over ${name}`, () => {
    let world: TransportWorld
    let subjects: Subjects
    let links: Links
    let log: Log
    const append = (sequence: number, data = `${sequence}`): Promise<AppendOutcome> =>
      log.append(subjects.batch(0), bytes(data), sequence - 1)
    const claim = (epoch: number, expectedLast: number): Promise<AppendOutcome> =>
      log.append(subjects.claim(0, epoch), bytes(`claim ${epoch}`), expectedLast)
    const fill = async (first: number, last: number): Promise<void> => {
      for (let sequence = first; sequence <= last; sequence += 1) {
        expect(await append(sequence)).to.deep.equal({ kind: 'appended', sequence })
      }
    }

    beforeEach(async () => {
      world = await make()
      subjects = createSubjects(world.cluster)
      links = await world.open('one')
      log = links.log(0)
    })
    afterEach(() => world.close())

    it('begins empty, and counts from 1', async () => {
      expect(await log.tail()).to.equal(0)
      expect(await log.read(1)).to.deep.equal({ kind: 'absent' })
      await fill(1, 3)
      expect(await log.tail()).to.equal(3)
    })

    it('reads what was appended', async () => {
      await append(1, 'hello')
      const outcome = await log.read(1)
      expect(outcome.kind).to.equal('found')
      if (outcome.kind !== 'found') return
      const { subject, data, sequence } = outcome.entry
      expect([subject, text(data), sequence]).to.deep.equal([subjects.batch(0), 'hello', 1])
    })

    it('refuses an append whose expected tail is not the tail, and says which is', async () => {
      await fill(1, 2)
      for (const sequence of [1, 2, 4])
        expect(await append(sequence, 'late')).to.deep.equal({ kind: 'fenced', tail: 2 })
      expect(await log.tail()).to.equal(2)
    })

    it('has one winner of many concurrent appends at one tail', async () => {
      const others = await Promise.all(['two', 'three'].map(async (who) => (await world.open(who)).log(0)))
      const writers = [log, ...others]
      const outcomes = await Promise.all(
        Array.from({ length: 30 }, (_, index) =>
          (writers[index % writers.length] ?? log).append(subjects.batch(0), bytes(`${index}`), 0),
        ),
      )
      const winners = outcomes.flatMap((outcome, index) => (outcome.kind === 'appended' ? [`${index}`] : []))
      expect(winners).to.have.lengthOf(1)
      expect(outcomes.filter((outcome) => outcome.kind === 'fenced')).to.have.lengthOf(29)
      const first = await log.read(1)
      expect(first.kind === 'found' && text(first.entry.data)).to.equal(winners[0])
    })

    it('K22 an append that has landed is fenced when it is repeated, and read back as it was sent', async () => {
      await fill(1, 1)
      await append(2, 'mine')
      expect((await append(2, 'mine')).kind).to.equal('fenced')
      const outcome = await log.read(2)
      expect(outcome.kind === 'found' && text(outcome.entry.data)).to.equal('mine')
    })

    it('K1 a claim needs a new subject and the tail', async () => {
      expect(await claim(1, 0)).to.deep.equal({ kind: 'appended', sequence: 1 })
      expect((await claim(1, 1)).kind, 'the subject is taken').to.equal('fenced')
      expect((await claim(2, 0)).kind, 'the tail is another').to.equal('fenced')
      expect(await claim(2, 1)).to.deep.equal({ kind: 'appended', sequence: 2 })
      expect(await append(3)).to.deep.equal({ kind: 'appended', sequence: 3 })
    })

    it('K1 a claim that was trimmed away cannot be won again by a laggard', async () => {
      for (let epoch = 1; epoch <= 7; epoch += 1) await claim(epoch, epoch - 1)
      await fill(8, 9)
      await log.trim(7)
      expect((await log.read(5)).kind).to.equal('absent')
      expect((await claim(5, 4)).kind).to.equal('fenced')
      expect(await append(10), 'the leader of epoch 7 goes on').to.deep.equal({
        kind: 'appended',
        sequence: 10,
      })
    })

    it('keeps its tail when everything is trimmed', async () => {
      await fill(1, 3)
      await log.trim(3)
      expect(await log.tail()).to.equal(3)
      expect(await log.read(3)).to.deep.equal({ kind: 'absent' })
      await fill(4, 4)
    })

    it('K35 says how full it is, less after a trim', async () => {
      await fill(1, 20)
      const before = await log.fill()
      expect(before).to.be.above(0).and.below(0.01)
      await log.trim(19)
      expect(await log.fill())
        .to.be.above(0)
        .and.below(before)
    })

    it('K20 no other subject takes a sequence of the log', async () => {
      await fill(1, 1)
      const others = [
        subjects.command(0),
        subjects.node('n', 1, 'run'),
        subjects.channel('n', 1, 'watch'),
        subjects.news('bye', 'n'),
        subjects.progress(0, 'job/step'),
        subjects.transition('n', 'worker', 'n'),
        subjects.fact('n', 1, 'joined'),
        subjects.outbox(0, 'n', 1, 'job/step', '0.1.1.0'),
      ]
      for (const subject of others) links.control.publish(subject, bytes('x'))
      await links.control.flush()
      expect(await log.tail()).to.equal(1)
      await fill(2, 2)
    })

    it('says that an append is too large, and stores nothing', async () => {
      const data = new Uint8Array(limits.payloadBytesMax + 1)
      expect((await log.append(subjects.batch(0), data, 0)).kind).to.equal('tooLarge')
      expect(await log.tail()).to.equal(0)
    })

    it('answers nothing for sure while the broker is away', async () => {
      await fill(1, 1)
      await world.stopBroker()
      await eventually('the link is down', () => links.control.state === 'down')
      expect((await append(2)).kind).to.equal('unknown')
      expect((await log.read(1)).kind).to.equal('unavailable')
      expect(await rejection(log.tail())).to.have.property('code', 'unavailable')
      expect(await rejection(log.trim(1))).to.have.property('code', 'unavailable')
      await world.startBroker()
      await eventually('the link is up', () => links.control.state === 'up')
      expect(await onceTaken(() => append(2), 'unknown')).to.have.property('kind', 'appended')
    })
  })
}
