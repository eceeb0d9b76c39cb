import { ProbeOrder } from '@covey/machines'
import { seededRandom } from '@covey/transport'
import { expect } from 'chai'
import { ProbedPeers } from '../../actors/membership/probed-peers.js'
import type { PeerView } from '../../actors/membership/watched-peer.js'

const names = Array.from({ length: 12 }, (_, index) => `n${index}`)

describe('the order of probes', () => {
  const begin = (seed: number) => {
    const random = seededRandom(seed)
    const order = new ProbeOrder(() => random.next())
    for (const name of names) order.add(name)
    order.next()
    return order
  }
  const take = (order: ProbeOrder, count: number) => Array.from({ length: count }, () => order.next())

  it('asks everybody once a round, in an order of its own each time', () => {
    const order = begin(1)
    take(order, names.length - 1)
    const rounds = [1, 2, 3].map(() => take(order, names.length))
    for (const round of rounds) expect(new Set(round)).to.deep.equal(new Set(names))
    expect(new Set(rounds.map((round) => round.join())).size).to.equal(3)
  })

  it('SWIM 4.3 asks nobody later than 2n - 1 turns after the last time', () => {
    let worst = 0
    for (let seed = 1; seed <= 50; seed += 1) {
      const turns = take(begin(seed), 600)
      for (const name of names) {
        const places = turns.flatMap((turn, index) => (turn === name ? [index] : []))
        for (const [index, place] of places.entries())
          worst = Math.max(worst, place - (places[index - 1] ?? -1))
      }
    }
    expect(worst).to.be.within(names.length + 5, 2 * names.length - 1)
  })

  it('SWIM 4.3 gives a newcomer a random place, and pushes back nobody who waits', () => {
    const places = new Set<number>()
    for (let seed = 1; seed <= 60; seed += 1) {
      const order = begin(seed)
      const asked = take(order, 3)
      order.add('late')
      const rest = take(order, names.length)
      places.add(rest.indexOf('late'))
      const waited = rest.filter((name) => name !== 'late').slice(0, names.length - 4)
      expect(new Set([...asked, ...waited]).size).to.equal(names.length - 1)
      const next = take(order, 2 * names.length + 1)
      expect([...rest, ...next].filter((name) => name === 'late').length).to.be.within(2, 4)
    }
    expect(places.size).to.be.greaterThan(5)
  })

  it('SWIM 4.3 gives a peer whose state is noted again no second turn in a round', () => {
    const random = seededRandom(5)
    const peers = new ProbedPeers(() => random.next())
    const noted = (nodeId: string, state: string) => {
      peers.note(nodeId, { nodeId, state, peer: { silentSinceMs: null } } as unknown as PeerView)
    }
    for (const state of ['active', 'suspect', 'active']) for (const name of names) noted(name, state)
    const round = names.map(() => peers.next()?.nodeId)
    expect(round).to.have.members(names)
  })

  it('leaves out who is gone, and asks nobody where nobody is', () => {
    const order = begin(3)
    for (const name of names.slice(1)) order.remove(name)
    order.remove('never')
    expect(take(order, 3)).to.deep.equal(['n0', 'n0', 'n0'])
    order.remove('n0')
    expect(order.next()).to.equal(undefined)
    order.add('n5')
    expect(order.next()).to.equal('n5')
  })
})
