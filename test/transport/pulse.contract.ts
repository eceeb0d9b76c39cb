import { createSubjects, limits, probeAnswer, probeMessage } from '@covey/protocol'
import type { Links, Vouched } from '@covey/transport'
import { expect } from 'chai'

/** A process whose event loop can be blocked, and somebody else who asks it meanwhile. */
export interface PulseWorld {
  readonly cluster: string
  readonly links: Links
  /** Resolves when the broker has what the loop subscribed. */
  flush(): Promise<void>
  /** Blocks the loop, asks after `afterMs` of it, and gives the answer, if there was one. */
  askWhileBlocked(subject: string, question: Uint8Array, afterMs: number): Promise<Uint8Array | undefined>
  close(): Promise<void>
}

const soonMs = 20
const lateMs = limits.wakeupLateMs + 100
const plain = probeMessage.encode({ from: 'asker', generation: 1 })
const curious = probeMessage.encode({ from: 'asker', generation: 1, about: { node: 'other', generation: 2 } })
const vouched = (): Vouched => ({ generation: 1, state: 'active', health: 3 })

/** What every adapter of the `Pulse` port does. */
export function pulseContract(name: string, make: () => Promise<PulseWorld>): void {
  describe(`Pulse over ${name}`, () => {
    let world: PulseWorld
    let subject: string

    beforeEach(async () => {
      world = await make()
      subject = createSubjects(world.cluster).node('n', 1, 'probe')
    })
    afterEach(() => world.close())

    it('K28 vouches for a loop that does not turn, with what it said last and for how long it has been so', async () => {
      await world.links.pulse.open(subject, vouched)
      expect(world.links.pulse.state).to.equal('beating')
      const answer = await world.askWhileBlocked(subject, plain, lateMs)
      const { lagMs = 0, ...said } = probeAnswer.decode(answer ?? new Uint8Array())
      expect(said).to.deep.equal(vouched())
      expect(lagMs).to.be.within(limits.wakeupLateMs / 2, 10 * limits.wakeupLateMs)
    })

    it('K29 tells of a late wake-up before what came meanwhile is handled', async () => {
      const told: string[] = []
      const { control, pulse } = world.links
      control.subscribe(subject, () => told.push('a question'))
      pulse.onNews(({ kind }) => told.push(kind))
      await Promise.all([world.flush(), pulse.open(subject, vouched)])
      await world.askWhileBlocked(subject, plain, lateMs)
      expect(told).to.deep.equal(['woken', 'a question'])
    })

    it('leaves to the loop what asks for more than a sign of life, or cannot be read', async () => {
      await world.links.pulse.open(subject, vouched)
      expect(await world.askWhileBlocked(subject, curious, soonMs)).to.equal(undefined)
      expect(await world.askWhileBlocked(subject, new Uint8Array([0xc1]), soonMs)).to.equal(undefined)
    })

    it('K14 says nothing for a generation that is closed, nor for one that is not open', async () => {
      expect(await world.askWhileBlocked(subject, plain, soonMs)).to.equal(undefined)
      await world.links.pulse.open(subject, vouched)
      world.links.pulse.close()
      expect(await world.askWhileBlocked(subject, plain, soonMs)).to.equal(undefined)
    })

    it('speaks for the generation that was opened last', async () => {
      const second = createSubjects(world.cluster).node('n', 2, 'probe')
      await world.links.pulse.open(subject, vouched)
      await world.links.pulse.open(second, () => ({ ...vouched(), generation: 2 }))
      expect(await world.askWhileBlocked(subject, plain, soonMs)).to.equal(undefined)
      const answer = await world.askWhileBlocked(second, plain, soonMs)
      expect(probeAnswer.decode(answer ?? new Uint8Array()).generation).to.equal(2)
    })
  })
}
