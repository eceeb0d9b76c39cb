import { type NodeEvent, type NodeInput, nodeMachine } from '@covey/machines'
import { expect } from 'chai'
import { MachineWalk } from '../harness/machine-walk.js'

const input: NodeInput = {
  nodeId: 'a',
  bootId: 'own-boot',
  replace: false,
  chance: 0.5,
  joinAttemptsMax: 3,
  joinDeadlineMs: 60_000,
  leaveDeadlineMs: 10_000,
  probeIntervalMs: 250,
  redialMinMs: 250,
  redialMaxMs: 2_000,
  workerSelfFenceMs: 6_000,
}
const start: NodeEvent = { type: 'node.start' }
const free: NodeEvent = { type: 'name.seen', latest: 0, answered: false }
const won: NodeEvent = { type: 'claim.settled', generation: 1, holder: 'own-boot', latest: 1 }
const opened: NodeEvent = { type: 'generation.opened', generation: 1 }
const greeted: NodeEvent = { type: 'peers.greeted', generation: 1 }
const announced: NodeEvent = { type: 'active.announced', generation: 1 }
const leave: NodeEvent = { type: 'node.leave', reason: 'maintenance' }
const lost: NodeEvent = { type: 'claim.settled', generation: 1, holder: 'other-boot', latest: 1 }
const departed = (how: 'crashed' | 'exited' | 'evicted' | 'left'): NodeEvent => ({
  type: 'departure.heard',
  generation: 1,
  how,
  atMs: 0,
})
const successor: NodeEvent = { type: 'successor.heard', generation: 2, bootId: 'other-boot' }

const walk = (more: Partial<NodeInput> = {}) => new MachineWalk(nodeMachine, { ...input, ...more })
const active = () => {
  const node = walk()
  node.send(start, free, won, opened, greeted, announced)
  return node
}

describe('the node machine', () => {
  it('N11 a second start is no second start', () => {
    const node = walk()
    expect(node.send(start)).to.deep.equal(['name.lookUp'])
    expect(node.send(start)).to.deep.equal([])
    expect(node.state).to.equal('dialing')
  })

  it('K31 claims, opens, greets, and only then says that it is active', () => {
    const node = walk()
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
    const node = walk()
    node.send(start, taken)
    expect(node.snapshot.output).to.deep.equal({ state: 'failed', reason: 'name_in_use' })
    const replacing = walk({ replace: true })
    replacing.send(start, taken)
    expect(replacing.last('generation.claim')).to.deep.equal({ generation: 5 })
  })

  it('K12 a claim that is won below another generation goes on from there', () => {
    const node = walk()
    node.send(start, free)
    node.send({ type: 'claim.settled', generation: 1, holder: 'own-boot', latest: 5 })
    expect(node.state).to.equal('dialing')
    node.send({ type: 'name.seen', latest: 5, answered: false })
    expect(node.last('generation.claim')).to.deep.equal({ generation: 6 })
    expect(node.snapshot.context.generation).to.equal(0)
  })

  it('S2 a lost claim asks the winner whether it lives, and gives up after so many', () => {
    const node = walk()
    node.send(start, free)
    expect(node.send(lost)).to.deep.equal(['name.lookUp'])
    expect(node.last('name.lookUp')).to.have.property('delayMs').greaterThan(0)
    node.send(free, lost, free, lost)
    expect(node.snapshot.output).to.deep.equal({ state: 'failed', reason: 'name_in_use' })
  })

  it('S4 a join that takes too long fails, and takes back what it has claimed', () => {
    const node = walk()
    node.send(start, free, won, opened)
    expect(node.wait(60_000)).to.deep.equal(['departure.write', 'generation.close'])
    expect(node.snapshot.output).to.deep.equal({ state: 'failed', reason: 'deadline' })
  })

  it('N6 dialing ends as unreachable at the join deadline', () => {
    const node = walk()
    node.send(start)
    node.wait(60_000)
    expect(node.snapshot.output).to.deep.equal({ state: 'failed', reason: 'unreachable' })
  })

  it('a leave while a claim is under way waits for it, so that no generation is left behind', () => {
    const node = walk()
    node.send(start, free, leave)
    expect(node.state).to.equal('joining')
    node.send(won)
    expect(node.state).to.equal('leaving')
    const loser = walk()
    loser.send(start, free, leave, lost)
    expect(loser.snapshot.output).to.deep.equal({ state: 'departed', reason: 'left' })
  })

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

  it('a former generation takes its name from nobody, though it was started to replace', () => {
    const node = walk({ replace: true })
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

  it('S5 a suspicion is refuted with a higher incarnation, once a probe period', () => {
    const node = active()
    const heard = (atMs: number): NodeEvent => ({ type: 'suspicion.heard', generation: 1, atMs })
    expect(node.send(heard(0), heard(100), heard(249))).to.deep.equal(['gossip.send'])
    node.send(heard(250))
    expect(node.last('gossip.send')).to.deep.equal({ generation: 1, incarnation: 2 })
    expect(node.send({ type: 'suspicion.heard', generation: 0, atMs: 900 })).to.deep.equal([])
  })

  it('news of another generation moves nothing', () => {
    const node = active()
    node.send({ type: 'departure.heard', generation: 7, how: 'crashed', atMs: 0 })
    node.send({ type: 'successor.heard', generation: 1, bootId: 'own-boot' })
    expect(node.state).to.equal('active')
  })
})
