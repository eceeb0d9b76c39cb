import type { NodeEvent } from '@covey/machines'
import { expect } from 'chai'
import { announced, departed, free, greeted, leave, opened, start, walkNode, won } from './node-walk.js'

const successor: NodeEvent = { type: 'successor.heard', generation: 2, bootId: 'other-boot' }

const active = () => {
  const node = walkNode()
  node.send(start, free, won, opened, greeted, announced)
  return node
}

describe('the node machine', () => {
  it('S8 leaving announces and drains, and only what has drained is written as left', () => {
    const node = active()
    expect(node.send(leave)).to.deep.equal(['leaving.announce', 'parts.drain'])
    expect(node.last('leaving.announce')).to.deep.equal({ generation: 1, reason: 'maintenance' })
    expect(node.send({ type: 'parts.drained', clean: true })).to.deep.equal(['departure.write'])
    expect(node.last('departure.write')).to.include({ generation: 1, dirty: false })
    expect(node.send({ type: 'departure.written' })).to.deep.equal(['generation.close'])
    expect(node.snapshot.output).to.deep.equal({ state: 'departed', reason: 'left' })
  })

  it('K30 work that still runs at the end is written as dirty', () => {
    const node = active()
    node.send(leave, { type: 'parts.drained', clean: false })
    expect(node.last('departure.write')).to.include({ dirty: true })
  })

  it('K30 at the leave deadline it stops its work and ends without the fact', () => {
    const node = active()
    node.send(leave)
    expect(node.wait(10_000)).to.deep.equal(['parts.fence', 'generation.close'])
    expect(node.snapshot.output).to.deep.equal({ state: 'departed', reason: 'left' })
  })

  it('S12 a departed generation is fenced, closed, and followed by a new one after a while', () => {
    for (const how of ['crashed', 'exited', 'left'] as const) {
      const node = active()
      expect(node.send(departed(how))).to.deep.equal(['parts.fence', 'generation.close'])
      expect(node.state).to.equal('reentering')
      expect(node.wait(1_000)).to.deep.equal(['name.lookUp'])
    }
  })

  it('S13 S14 one who is superseded or evicted stops for good', () => {
    const loser = active()
    expect(loser.send(successor)).to.deep.equal(['parts.fence', 'generation.close'])
    expect(loser.snapshot.output).to.deep.equal({ state: 'departed', reason: 'superseded' })
    const evicted = active()
    evicted.send(departed('evicted'))
    expect(evicted.snapshot.output).to.deep.equal({ state: 'departed', reason: 'evicted' })
  })

  it('K11 who held a generation takes a newer one, though the store has forgotten it, and yields it to whoever won it again', () => {
    const sleeper = active()
    sleeper.send({ type: 'wakeup.late', lateMs: 6_000, atMs: 1 })
    sleeper.wait(250)
    sleeper.wait(1_000)
    sleeper.send(free)
    expect(sleeper.last('generation.claim')).to.deep.equal({ generation: 2 })
    const again: NodeEvent = { type: 'successor.heard', generation: 1, bootId: 'other-boot' }
    const holder = active()
    expect(holder.send(again)).to.deep.equal(['parts.fence', 'generation.close'])
    const opening = walkNode()
    opening.send(start, free, won, again)
    const claiming = walkNode()
    claiming.send(start, free, again)
    expect(claiming.state, 'a claim that may be lost is looked at first').to.equal('joining')
    for (const node of [holder, opening])
      expect(node.snapshot.output).to.deep.equal({ state: 'departed', reason: 'superseded' })
  })

  it('K11 a node whose link is found sees to it that its facts are still there, as far as it has said them', () => {
    const found: NodeEvent = { type: 'link.found' }
    const node = walkNode()
    expect(node.send(start, found, free, found)).not.to.include('facts.assure')
    node.send(won, found)
    expect(node.last('facts.assure')).to.deep.equal({ generation: 1, phase: 'joined' })
    node.send(opened, greeted, announced, found)
    expect(node.last('facts.assure')).to.deep.equal({ generation: 1, phase: 'active' })
    expect(node.send(leave, found)).not.to.include('facts.assure')
  })

  it('S13 S16 one who is about to join again asks whether its successor lives, and takes the next generation if it does not', () => {
    const outlived = active()
    outlived.send(departed('crashed'), successor)
    expect(outlived.state).to.equal('reentering')
    outlived.wait(1_000)
    outlived.send(successor)
    expect(outlived.state).to.equal('dialing')
    outlived.send({ type: 'name.seen', latest: 2, answered: false })
    expect(outlived.last('generation.claim')).to.deep.equal({ generation: 3 })
  })

  it('S14 one who is evicted stops for good wherever it hears of it', () => {
    const slept: NodeEvent = { type: 'wakeup.late', lateMs: 6_000, atMs: 1 }
    const reentering = active()
    reentering.send(slept)
    reentering.wait(250)
    const dialing = active()
    dialing.send(slept)
    dialing.wait(250)
    dialing.wait(1_000)
    const leaving = active()
    leaving.send(leave)
    for (const [state, node] of Object.entries({ reentering, dialing, leaving })) {
      expect(node.state).to.equal(state)
      node.send(departed('evicted'))
      expect(node.snapshot.output, state).to.deep.equal({ state: 'departed', reason: 'evicted' })
    }
  })

  it('S16 one who took part goes on trying though the store is full or its claims are lost', () => {
    const seen: NodeEvent = { type: 'name.seen', latest: 1, answered: false }
    const full: NodeEvent = { type: 'join.refused', code: 'storage_full', atMs: 0 }
    const node = active()
    node.send(departed('crashed'))
    for (let round = 0; round < 5; round += 1) {
      node.wait(60_000)
      node.send(seen)
      expect(node.state).to.equal('joining')
      expect(node.send(full)).to.deep.equal(['generation.close'])
      expect(node.state).to.equal('reentering')
    }
    node.wait(60_000)
    for (let round = 0; round < 20; round += 1) {
      node.send(seen, { type: 'claim.settled', generation: 2, holder: 'other-boot', latest: 2 })
    }
    expect(node.state).to.equal('dialing')
  })

  it('S16 S17 refusals are forgiven as time passes: however many there were, the next try is a minute or so away', () => {
    const node = active()
    node.send(departed('crashed'))
    const longestMs = 80_000
    for (let round = 0; round < 30; round += 1) {
      node.wait(longestMs)
      expect(node.state, `after ${round} refusals`).to.equal('dialing')
      node.send({ type: 'name.seen', latest: 1, answered: false })
      node.send({ type: 'join.refused', code: 'storage_full', atMs: node.clock.now() })
    }
  })

  it('invariant 25 who took part before and claims anew leaves by its deadline, though the store takes nothing', () => {
    const node = active()
    node.send(departed('crashed'))
    node.wait(1_000)
    node.send({ type: 'name.seen', latest: 1, answered: false }, leave)
    expect(node.state).to.equal('joining')
    node.wait(10_000)
    expect(node.snapshot.output).to.deep.equal({ state: 'departed', reason: 'left' })
  })

  it('a former generation takes its name from nobody, though it was started to replace', () => {
    const node = walkNode({ replace: true })
    node.send(start, free, won, opened, greeted, announced, departed('crashed'))
    node.wait(1_000)
    node.send({ type: 'name.seen', latest: 2, answered: true })
    expect(node.snapshot.output).to.deep.equal({ state: 'departed', reason: 'superseded' })
  })

  it('S11 a sleep beyond the lease fences before anything else, and costs the generation', () => {
    const node = active()
    expect(node.send({ type: 'wakeup.late', lateMs: 5_999, atMs: 1 })).to.deep.equal([])
    expect(node.send({ type: 'wakeup.late', lateMs: 6_000, atMs: 2 })).to.deep.equal(['parts.fence'])
    expect(node.state).to.equal('fenced')
    expect(node.wait(250)).to.deep.equal(['generation.close'])
    expect(node.state).to.equal('reentering')
  })

  it('a leave during a re-entry says goodbye from a generation only if one still stands', () => {
    const ended = active()
    ended.send(departed('crashed'), leave)
    expect(ended.snapshot.output).to.deep.equal({ state: 'departed', reason: 'left' })
    const asleep = active()
    asleep.send({ type: 'wakeup.late', lateMs: 6_000, atMs: 1 })
    asleep.wait(250)
    asleep.send(leave)
    expect(asleep.state).to.equal('leaving')
    asleep.send({ type: 'parts.drained', clean: true })
    expect(asleep.last('departure.write')).to.include({ generation: 1, dirty: true })
  })

  const suspected = (atMs: number, incarnation = 0, generation = 1): NodeEvent => ({
    ...{ type: 'suspicion.heard', observer: 'b' },
    ...{ atMs, incarnation, generation },
  })

  it('S5 a suspicion is refuted beyond its incarnation, to all and to the accuser, once a probe period', () => {
    const node = active()
    const answers = node.send(suspected(0), suspected(100, 1), suspected(249, 1))
    expect(answers).to.deep.equal(['gossip.send', 'record.send'])
    expect(node.last('gossip.send')).to.deep.equal({ generation: 1, incarnation: 1 })
    node.send(suspected(250, 4))
    expect(node.last('gossip.send')).to.deep.equal({ generation: 1, incarnation: 5 })
    expect(node.last('record.send')).to.deep.equal({ observer: 'b', generation: 1, incarnation: 5 })
  })

  it('S6 S7 P9 a suspicion that is refuted already, or of an older generation, is answered to its speaker only', () => {
    const node = active()
    node.send(suspected(0))
    expect(node.send(suspected(300, 0))).to.deep.equal(['record.send'])
    expect(node.send(suspected(300, 9, 0))).to.deep.equal(['record.send'])
    expect(node.send(suspected(300, 9, 2))).to.deep.equal([])
    expect(node.snapshot.context.incarnation).to.equal(1)
  })

  it('news of another generation moves nothing', () => {
    const node = active()
    node.send({ type: 'departure.heard', generation: 7, how: 'crashed', atMs: 0 })
    node.send({ type: 'successor.heard', generation: 1, bootId: 'own-boot' })
    expect(node.state).to.equal('active')
  })
})
