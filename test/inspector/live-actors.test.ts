import { type InspectorLimits, inspectorLimits } from '@covey/inspector'
import type { Transition } from '@covey/protocol'
import { expect } from 'chai'
import { LiveActors } from '../../packages/inspector/src/live-actors.js'

describe('The actors that an inspector follows', () => {
  let actors: LiveActors
  const begin = (limits: Partial<InspectorLimits>): void => {
    actors = new LiveActors({ ...inspectorLimits, ...limits })
  }
  const tell = (actor: string, to: string): void => {
    const told: Transition = {
      ...{ node: 'm1', generation: 1, kind: 'peer', actor, from: '', event: '', to, elapsedMs: 0 },
      at: { local: 1 },
    }
    actors.take(told, 0)
  }
  const known = (): string[] => actors.keys().map((key) => `${key} ${actors.find(key)?.state}`)
  /** How many each of the next frames tells of: changed, and gone. */
  const frames = (count: number): number[][] =>
    Array.from({ length: count }, () => {
      const { changed, gone } = actors.takeChanges()
      return [changed.length, gone.length]
    })

  it('are as many as the limit; one more is left out, which is said, and those that are known go on', () => {
    begin({ actorsMax: 3 })
    for (const actor of ['a', 'b', 'c']) tell(actor, 'x')
    expect(actors.isPartial).to.equal(false)
    tell('d', 'x')
    expect(actors.isPartial).to.equal(true)
    tell('b', 'y')
    expect(known()).to.deep.equal(['m1/1/a x', 'm1/1/b y', 'm1/1/c x'])
    expect(actors.takeChanges().changed.map(({ actor }) => actor)).to.deep.equal(['a', 'b', 'c'])
  })

  it('have room for one more where one has ended, and are partial until all is stated anew', () => {
    begin({ actorsMax: 2 })
    for (const actor of ['a', 'b', 'c']) tell(actor, 'x')
    // Of one that was left out nothing is known: its end makes no room.
    tell('c', '')
    tell('d', 'x')
    expect(known()).to.deep.equal(['m1/1/a x', 'm1/1/b x'])
    tell('a', '')
    tell('e', 'x')
    expect(known()).to.deep.equal(['m1/1/b x', 'm1/1/e x'])
    expect(actors.isPartial).to.equal(true)
    actors.clear()
    expect([known(), actors.isPartial]).to.deep.equal([[], false])
    for (const actor of ['f', 'g']) tell(actor, 'x')
    expect([known().length, actors.isPartial]).to.deep.equal([2, false])
  })

  it('are told, changed and gone, as many as a frame may hold, and the rest with the next ones, each once', () => {
    begin({ actorsPerFrameMax: 2 })
    const names = ['a', 'b', 'c', 'd', 'e']
    for (const actor of names) tell(actor, 'x')
    expect(frames(4)).to.deep.equal([
      [2, 0],
      [2, 0],
      [1, 0],
      [0, 0],
    ])
    for (const actor of names) tell(actor, '')
    expect(frames(1)).to.deep.equal([[0, 2]])
    // One that is back before its end was told is there, and has not gone.
    tell('e', 'y')
    expect(frames(3)).to.deep.equal([
      [1, 2],
      [0, 0],
      [0, 0],
    ])
  })
})
