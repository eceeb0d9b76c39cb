import {
  packValue,
  progressMessage,
  type Transition,
  transitionMessage,
  watchMessage,
  watchState,
} from '@covey/protocol'
import { expect } from 'chai'
import { read } from '../house/repository.js'
import { readPlain } from './plain-messagepack.js'

const page = read('docs/streams.md')
const folded: Transition = {
  node: 'm1',
  generation: 70_000,
  kind: 'workflow',
  actor: 'orders-2026-01-31/fetch',
  from: 'assigned',
  event: 'workflow.started',
  to: 'running',
  at: { shard: 0, sequence: 300, index: 2 },
  elapsedMs: 12.5,
}

/** The fields of a body as docs/streams.md spells them: `{number, transition}`. */
const spelt = (body: unknown): string => `{${Object.keys(body as object).join(', ')}}`

describe('Frames for readers in other languages', () => {
  it('of transitions are what docs/streams.md says', () => {
    const frame = readPlain(transitionMessage.encode({ number: 7, transition: folded }))
    expect(frame).to.deep.equal([1, 'actor.transition', { number: 7, transition: folded }])
    expect(page).to.include('[1, "actor.transition", {number, transition}]')
    expect(page).to.include(spelt(folded))
  })

  it('of states are what docs/streams.md says, however many actors there are', () => {
    const { kind, actor, at } = folded
    const actors = Array.from({ length: 300 }, () => ({ kind, actor, state: 'running', at }))
    const places = [{ shard: 0, streamEpoch: 1, sequence: 300 }]
    const state = { node: 'm1', generation: 1, number: 7, part: 0, last: true, actors, folded: places }
    expect(readPlain(watchState.encode(state))).to.deep.equal([1, 'watch.state', state])
    expect(page).to.include(`[1, "watch.state", ${spelt(state)}]`)
    expect(page).to.include(spelt(actors[0]))
    expect(page).to.include(spelt(places[0]))
  })

  it('of progress are what docs/streams.md says, with one value inside', () => {
    const value = packValue({ done: 3, of: null })
    const report = { workflow: 'orders/fetch', token: '1.2.3.4', number: 1, value }
    const [version, kind, body] = readPlain(progressMessage.encode(report)) as [number, string, typeof report]
    expect([version, kind]).to.deep.equal([1, 'workflow.progress'])
    expect(readPlain(body.value)).to.deep.equal({ done: 3, of: null })
    expect(page).to.include(`[1, "workflow.progress", ${spelt(report)}]`)
  })

  it('that ask are understood as docs/streams.md spells them', () => {
    const ask = { watch: 'mine', actors: [], kinds: [], ttlMs: 10_000, withState: true }
    expect(watchMessage.decode(packValue([1, 'watch.open', ask]))).to.deep.equal(ask)
    expect(page).to.include(`[1, "watch.open", ${spelt(ask)}]`)
  })
})
