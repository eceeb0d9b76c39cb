import type { NodeEvent } from '@covey/machines'
import { expect } from 'chai'
import { announced, departed, free, greeted, leave, lost, opened, start, walkNode, won } from './node-walk.js'

describe('a node machine that joins', () => {
  it('N11 a second start is no second start', () => {
    const node = walkNode()
    expect(node.send(start)).to.deep.equal(['name.lookUp'])
    expect(node.send(start)).to.deep.equal([])
    expect(node.state).to.equal('dialing')
  })

  it('K31 claims, opens, greets, and only then says that it is active', () => {
    const node = walkNode()
    node.send(start)
    expect(node.send(free)).to.deep.equal(['generation.claim'])
    expect(node.send(won)).to.deep.equal(['generation.open'])
    expect(node.send(opened)).to.deep.equal(['peers.greet'])
    expect(node.send(greeted)).to.deep.equal(['active.announce'])
    expect(node.state).to.equal('joining')
    expect(node.send(announced)).to.deep.equal(['parts.activate'])
    expect(node.state).to.equal('active')
  })

  it('K15 a name that is answered for is left alone, unless it is to be replaced', () => {
    const taken: NodeEvent = { type: 'name.seen', latest: 4, answered: true }
    const node = walkNode()
    node.send(start, taken)
    expect(node.snapshot.output).to.deep.equal({ state: 'failed', reason: 'name_in_use' })
    const replacing = walkNode({ replace: true })
    replacing.send(start, taken)
    expect(replacing.last('generation.claim')).to.deep.equal({ generation: 5 })
  })

  it('K12 a claim that is won below another generation goes on from there', () => {
    const node = walkNode()
    node.send(start, free)
    node.send({ type: 'claim.settled', generation: 1, holder: 'own-boot', latest: 5 })
    expect(node.state).to.equal('dialing')
    node.send({ type: 'name.seen', latest: 5, answered: false })
    expect(node.last('generation.claim')).to.deep.equal({ generation: 6 })
    expect(node.snapshot.context.generation).to.equal(0)
  })

  it('invariant 14 a generation that ended before its claim was settled is not held, though it was won', () => {
    const node = walkNode()
    node.send(start, free, departed('crashed'))
    expect(node.send(won)).to.deep.equal(['name.lookUp'])
    node.send({ type: 'name.seen', latest: 1, answered: false })
    expect(node.last('generation.claim')).to.deep.equal({ generation: 2 })
    const leaver = walkNode()
    leaver.send(start, free, leave, departed('crashed'), won)
    expect(leaver.snapshot.output).to.deep.equal({ state: 'departed', reason: 'left' })
  })

  it('K15 only a generation beyond the one that it claims supersedes a node that joins', () => {
    const seen: NodeEvent = { type: 'name.seen', latest: 2, answered: false }
    const node = walkNode()
    node.send(start, seen, { type: 'successor.heard', generation: 2, bootId: 'former-boot' })
    expect(node.state).to.equal('joining')
    node.send({ type: 'successor.heard', generation: 4, bootId: 'other-boot' })
    expect(node.snapshot.output).to.deep.equal({ state: 'departed', reason: 'superseded' })
  })

  it('S2 a lost claim asks the winner whether it lives, and gives up after so many', () => {
    const node = walkNode()
    node.send(start, free)
    expect(node.send(lost)).to.deep.equal(['name.lookUp'])
    expect(node.last('name.lookUp')).to.have.property('delayMs').greaterThan(0)
    node.send(free, lost, free, lost)
    expect(node.snapshot.output).to.deep.equal({ state: 'failed', reason: 'name_in_use' })
  })

  it('S4 a join that takes too long fails, and takes back what it has claimed', () => {
    const node = walkNode()
    node.send(start, free, won, opened)
    expect(node.wait(60_000)).to.deep.equal(['departure.write', 'generation.close'])
    expect(node.snapshot.output).to.deep.equal({ state: 'failed', reason: 'deadline' })
  })

  it('K35 a newcomer whose fact finds no room fails; one that wanted to leave has left', () => {
    const full: NodeEvent = { type: 'join.refused', code: 'storage_full', atMs: 0 }
    const newcomer = walkNode()
    newcomer.send(start, free, full)
    expect(newcomer.snapshot.output).to.deep.equal({ state: 'failed', reason: 'storage_full' })
    const leaver = walkNode()
    leaver.send(start, free, leave, full)
    expect(leaver.snapshot.output).to.deep.equal({ state: 'departed', reason: 'left' })
  })

  it('N6 dialing ends as unreachable at the join deadline', () => {
    const node = walkNode()
    node.send(start)
    node.wait(60_000)
    expect(node.snapshot.output).to.deep.equal({ state: 'failed', reason: 'unreachable' })
  })

  it('a leave while a claim is under way waits for it, so that no generation is left behind', () => {
    const node = walkNode()
    node.send(start, free, leave)
    expect(node.state).to.equal('joining')
    node.send(won)
    expect(node.state).to.equal('leaving')
    const loser = walkNode()
    loser.send(start, free, leave, lost)
    expect(loser.snapshot.output).to.deep.equal({ state: 'departed', reason: 'left' })
  })

  it('invariant 25 a leave while a claim is under way ends by its deadline, however often it is told', () => {
    const silent = walkNode()
    silent.send(start, free)
    silent.wait(30_000)
    silent.send(leave)
    silent.wait(4_999)
    silent.send(leave)
    expect(silent.state).to.equal('joining')
    expect(silent.wait(1)).to.deep.equal(['generation.close'])
    expect(silent.snapshot.output).to.deep.equal({ state: 'departed', reason: 'left' })
    const late = walkNode()
    late.send(start, free, leave)
    late.wait(4_999)
    late.send(won)
    expect(late.last('parts.drain')).to.deep.equal({ deadlineMs: 4_000 })
    late.wait(5_000)
    expect(late.snapshot.output).to.deep.equal({ state: 'departed', reason: 'left' })
  })
})
