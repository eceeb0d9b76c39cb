import type { Links } from '@covey/transport'
import { expect } from 'chai'
import { eventually, type MakeWorld, type TransportWorld } from './transport-world.js'

/** What every adapter of the `Presence` port does. */
export function presenceContract(name: string, make: MakeWorld): void {
  describe(`Presence over ${name}`, () => {
    let world: TransportWorld
    let holder: Links
    let gone: string[]
    beforeEach(async () => {
      world = await make()
      holder = await world.open('holder')
      const listener = await world.open('listener')
      gone = []
      listener.presence.onGone((who) => gone.push(who))
      await listener.control.flush()
    })
    afterEach(() => world.close())
    const held = async (links: Links, name: string) => {
      const stop = links.presence.hold(name)
      await links.facts.list('covey.none.member.nobody.0.joined').catch(() => undefined)
      await links.control.flush()
      return stop
    }

    it('tells who is gone when its links end, and of nobody before', async () => {
      await held(holder, 'a-1')
      await held(holder, 'a_b-12')
      const other = await world.open('other')
      await held(other, 'c-1')
      expect(gone).to.deep.equal([])
      await holder.close()
      await eventually('both names are gone', () => gone.length === 2)
      expect(gone.toSorted()).to.deep.equal(['a-1', 'a_b-12'])
    })

    it('tells of a name that is held no more, though its links live on', async () => {
      const stop = await held(holder, 'a-1')
      stop()
      await eventually('the name is gone', () => gone.length === 1)
      expect(gone).to.deep.equal(['a-1'])
      expect(holder.control.state).to.equal('up')
    })

    it('holds a name over a restart of the broker', async () => {
      await held(holder, 'a-1')
      await world.stopBroker()
      await eventually('the link is down', () => holder.control.state === 'down')
      await world.startBroker()
      await eventually('the link is up', () => holder.control.state === 'up')
      const late = await world.open('late')
      const heard: string[] = []
      late.presence.onGone((who) => heard.push(who))
      await late.control.flush()
      await held(holder, 'b-1')
      await holder.close()
      await eventually('both names are gone', () => heard.length === 2)
      expect(heard.toSorted()).to.deep.equal(['a-1', 'b-1'])
    })
  })
}
