import { createWorld } from '@covey/simulator'
import { expect } from 'chai'

describe('K32 a manager that asks the voters', () => {
  /** How it sleeps, and for how long: the clock of a machine that is suspended does not show that it was. */
  const naps = [
    { how: 'freeze', forMs: 10_000 },
    { how: 'suspend', forMs: 10_000 },
    { how: 'suspend', forMs: 1_500 },
  ] as const
  for (const { how, forMs } of naps) {
    it(`writes nothing by their answers where it sleeps before it hears them (${how}, ${forMs} ms)`, async () => {
      const world = createWorld({ seed: 3 })
      const manager = world.node('a', { roles: ['manager'] })
      await world.formed(['b', 'c', 'd'], {}, 10_000)
      const { control } = manager.env.links
      const request = control.request.bind(control)
      let sleeps = 0
      control.request = (subject, data, deadlineMs) => {
        const outcome = request(subject, data, deadlineMs)
        if (sleeps === 0 && Buffer.from(data).includes('about')) {
          sleeps += 1
          manager[how]()
        }
        return outcome
      }
      world.nodes.find(({ name }) => name === 'd')?.kill()
      await world.until(() => sleeps === 1, 30_000)
      await world.run(forMs)
      const wokeAtMs = manager.clock.now()
      manager.thaw()
      await world.run(200)
      const early = manager.passed.crashes.filter(({ heard }) =>
        heard.some(({ askedAtMs }) => askedAtMs <= wokeAtMs),
      )
      expect(early, 'what it has given up by answers of before it slept').to.deep.equal([])
      await world.until(() => manager.members.find('d')?.state === 'departed', 60_000)
      for (const { atMs, heard, standing } of manager.passed.crashes) {
        expect(standing.state).to.equal('active')
        expect(atMs - (heard.at(-1)?.askedAtMs ?? 0)).to.be.lessThan(1_000)
      }
      await world.close()
    })
  }
})
