import { createSubjects, limits, probeAnswer, probeMessage } from '@covey/protocol'
import type { Links, Vouched } from '@covey/transport'
import { expect } from 'chai'

interface Wish {
  readonly subject: string
  readonly question: Uint8Array
  readonly afterMs: number
  readonly waitMs: number
}

/** A process whose event loop can be blocked, and somebody else who asks it meanwhile. */
export interface PulseWorld {
  readonly cluster: string
  readonly links: Links
  /** Resolves when the broker has what the loop subscribed. */
  flush(): Promise<void>
  /** Blocks the loop, asks after `afterMs` of it, and gives the answer, if there was one within `waitMs`. */
  askWhileBlocked(wish: Wish): Promise<Uint8Array | undefined>
  close(): Promise<void>
}

const soonMs = 20
const lateMs = limits.wakeupLateMs + 100
/** Who waits for an answer does so on a machine that may be busy; silence is believed soon. */
const [answerMs, silenceMs] = [5_000, 150]
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
    const ask = (question: Uint8Array, afterMs: number, of = subject) =>
      world.askWhileBlocked({ subject: of, question, afterMs, waitMs: answerMs })
    const isSilent = async (question: Uint8Array): Promise<boolean> => {
      const wish = { subject, question, afterMs: soonMs, waitMs: silenceMs }
      return (await world.askWhileBlocked(wish)) === undefined
    }

    it('K28 vouches for a loop that does not turn, with what it said last and for how long it has been so', async () => {
      await world.links.pulse.open(subject, vouched)
      expect(world.links.pulse.state).to.equal('beating')
      const answer = await ask(plain, lateMs)
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
      await ask(plain, lateMs)
      expect(told).to.deep.equal(['woken', 'a question'])
    })

    it('leaves to the loop what asks for more than a sign of life, or cannot be read', async () => {
      await world.links.pulse.open(subject, vouched)
      expect(await isSilent(curious)).to.equal(true)
      expect(await isSilent(new Uint8Array([0xc1]))).to.equal(true)
    })

    it('K14 says nothing for a generation that is closed, nor for one that is not open', async () => {
      expect(await isSilent(plain)).to.equal(true)
      await world.links.pulse.open(subject, vouched)
      world.links.pulse.close()
      expect(await isSilent(plain)).to.equal(true)
    })

    it('speaks for the generation that was opened last', async () => {
      const second = createSubjects(world.cluster).node('n', 2, 'probe')
      await world.links.pulse.open(subject, vouched)
      await world.links.pulse.open(second, () => ({ ...vouched(), generation: 2 }))
      expect(await isSilent(plain)).to.equal(true)
      const answer = await ask(plain, soonMs, second)
      expect(probeAnswer.decode(answer ?? new Uint8Array()).generation).to.equal(2)
    })
  })
}
