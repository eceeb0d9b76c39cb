import { HeapClock } from '@covey/engine'
import { limits } from '@covey/protocol'
import { expect } from 'chai'
// What gives dials their turn is no export of the package: this is its own test.
import { DialTurns } from '../../actors/connection/dial-turns.js'

const names = Array.from({ length: 1_000 }, (_, index) => `n${index}`)

describe('turns to dial', () => {
  const begin = (give: (name: string) => boolean = () => true) => {
    const clock = new HeapClock()
    const given: string[] = []
    const turns = new DialTurns(clock, (name) => {
      if (!give(name)) return false
      given.push(name)
      return true
    })
    return { clock, given, turns }
  }

  it('N13 keep the dials under way and those of a second within their bounds, however many are wanted', () => {
    const { clock, given, turns } = begin()
    turns.open()
    for (const name of names) turns.await(name)
    expect(given).to.have.length(limits.dialsInFlightMax)
    clock.advance(60_000)
    expect(given).to.have.length(limits.dialsInFlightMax)
    for (const name of given.slice()) turns.note(name, false)
    const before = given.length
    for (let second = 1; second <= 5; second += 1) {
      for (let step = 0; step < 100; step += 1) {
        clock.advance(10)
        for (const name of given) turns.note(name, false)
      }
      expect(given.length - before).to.be.at.most(second * limits.dialsPerSecondMax + limits.dialsInFlightMax)
    }
    expect(given.length - before).to.be.at.least(4 * limits.dialsPerSecondMax)
    expect(new Set(given).size).to.equal(given.length)
    turns.close()
    expect(clock.size).to.equal(0)
  })

  it('N2 give none while the link is down, and all that waited when it is back', () => {
    const { given, turns } = begin()
    turns.await('a')
    expect(given).to.deep.equal([])
    turns.open()
    turns.close()
    turns.await('b')
    expect(given).to.deep.equal(['a'])
    turns.open()
    expect(given).to.deep.equal(['a', 'b'])
  })

  it('cost nothing where a session does not want its turn any more, or is forgotten', () => {
    const { given, turns } = begin((name) => name !== 'gone')
    turns.await('forgotten')
    turns.forget('forgotten')
    for (const name of ['gone', ...names.slice(0, limits.dialsInFlightMax)]) turns.await(name)
    turns.open()
    expect(given).to.deep.equal(names.slice(0, limits.dialsInFlightMax))
    turns.close()
  })
})
