import { type DepartedFact, departedFact } from '@covey/protocol'
import type { ToldFact } from '@covey/simulator'
import { expect } from 'chai'
import { StagedScene, stagedNode } from './staged-scene.js'

describe('The invariants of a simulation', () => {
  let stage: StagedScene

  const look = (name: string): readonly string[] => stage.look(name)
  /** What is told at that time, when nodes have had so much trouble of their own. */
  const lookAt = (nowMs: number, name: string, troubleMs = 0): readonly string[] => {
    Object.assign(stage, { nowMs, troubleMs })
    return look(name)
  }
  const departed = (node: string, body: DepartedFact): ToldFact => ({
    ...{ node, generation: 1, phase: 'departed' },
    data: departedFact.encode(body),
  })

  beforeEach(() => {
    stage = new StagedScene()
  })

  it('are each content with a cluster to which nothing happens', () => {
    for (const name of stage.names) expect(look(name), name).to.deep.equal([])
  })

  it('14 sees a generation that is spoken of after its end, and tells it once', () => {
    const ending = { nodeId: 'b', generation: 1, how: 'crashed', dirty: false } as const
    const member = { nodeId: 'b', generation: 1, state: 'active' } as never
    stage.nodes[0]?.news.push({ kind: 'ended', ending })
    expect(look('news-in-order')).to.deep.equal([])
    stage.nodes[0]?.news.push({ kind: 'changed', member })
    expect(look('news-in-order')).to.deep.equal(['a was told: b.1 is active after its end'])
    expect(look('news-in-order')).to.deep.equal([])
  })

  it('10 sees a generation that two processes have, also one after the other', () => {
    expect(look('single-owner')).to.deep.equal([])
    const [first] = stage.nodes
    if (first) first.isUp = false
    stage.nodes.push(stagedNode('a', 3))
    expect(look('single-owner')).to.deep.equal(['a.1 belongs to a-1 (boot boot-1) and to a-3 (boot boot-3)'])
    stage.powerLosses += 1
    if (first) stage.nodes.shift()
    expect(look('single-owner')).to.deep.equal([])
  })

  const evidence = { quorum: 2, electorate: ['a', 'c', 'd'], votes: ['a', 'c'] }
  const unfounded: readonly [what: string, body: DepartedFact, told: string][] = [
    ['without evidence', { kind: 'crashed', by: 'a' }, 'without evidence'],
    [
      'by fewer than the quorum that their number needs',
      { kind: 'crashed', by: 'a', evidence: { ...evidence, quorum: 1, votes: ['a'] } },
      'a quorum of 1 where 2 is needed',
    ],
    [
      'by one voter counted twice',
      { kind: 'crashed', by: 'a', evidence: { ...evidence, votes: ['a', 'a'] } },
      '1 voters for a quorum of 2',
    ],
    [
      'by somebody without a vote',
      { kind: 'crashed', by: 'a', evidence: { ...evidence, votes: ['a', 'x'] } },
      'x had no vote',
    ],
    ["by another one's goodbye", { kind: 'left', by: 'a' }, 'left by the word of a'],
    ['by a goodbye that nobody asked for', { kind: 'left', by: 'b' }, 'left by the word of b'],
    ['by another name that takes its place', { kind: 'superseded', by: 'a' }, 'another name'],
    ['by an exit though it lives', { kind: 'exited', by: 'a' }, 'no such run is over'],
    ['by an eviction that nobody asked for', { kind: 'evicted', by: 'a' }, 'nobody asked for it'],
  ]
  for (const [what, body, told] of unfounded)
    it(`16 sees a member that departs ${what}`, () => {
      stage.facts.push(departed('b', body))
      expect(look('founded-departures').join()).to.include(told)
    })

  it('16 is content with votes enough, a goodbye that was asked for, and an exit of who is dead', () => {
    const [, second] = stage.nodes
    if (second) Object.assign(second, { leaveCalledAtMs: 0, isDead: true })
    stage.facts.push(
      departed('b', { kind: 'crashed', by: 'a', evidence }),
      departed('b', { kind: 'left', by: 'b' }),
      departed('b', { kind: 'exited', by: 'a' }),
    )
    expect(look('founded-departures')).to.deep.equal([])
  })

  it('16 is content with a claim that is given back by who could not join in time (S4)', () => {
    const [, second] = stage.nodes
    if (second) Object.assign(second, { end: { state: 'failed', reason: 'deadline' } })
    stage.facts.push(departed('b', { kind: 'left', by: 'b' }))
    expect(look('founded-departures')).to.deep.equal([])
  })

  it('16 is content with an eviction, a readmission and a claim given back, where an operator has asked for them', () => {
    stage.evictionsAsked.add('b')
    stage.facts.push(
      departed('b', { kind: 'evicted', by: 'a' }),
      departed('b', { kind: 'left', by: 'a', reason: 'readmitted' }),
      departed('b', { kind: 'left', by: 'b' }),
    )
    expect(look('founded-departures')).to.deep.equal([])
    stage.facts.push(departed('b', { kind: 'left', by: 'a' }), departed('a', { kind: 'evicted', by: 'b' }))
    expect(look('founded-departures')).to.have.lengthOf(2)
  })

  it('S14 sees a node that is out and takes part under a later generation, or goes on for more than two seconds', () => {
    stage.out.set('b', { generation: 1, sinceMs: 1_000 })
    expect(lookAt(3_000, 'evictions-hold')).to.deep.equal([])
    expect(lookAt(3_001, 'evictions-hold', 2_000)).to.deep.equal([])
    expect(lookAt(4_001, 'evictions-hold', 2_000)).to.deep.equal([
      'b-2 is active under 1, though b is out since 1',
    ])
    expect(look('evictions-hold')).to.deep.equal([])
    stage.out.set('a', { generation: 0, sinceMs: 4_001 })
    expect(look('evictions-hold')).to.deep.equal(['a-1 is active under 1, though a is out since 0'])
  })

  it('25 sees a goodbye that outlasts its deadline by more than a second, its own trouble left out', () => {
    const [first] = stage.nodes
    if (first) first.leaveCalledAtMs = 1_000
    expect(lookAt(12_000, 'bounded-leave')).to.deep.equal([])
    expect(lookAt(12_001, 'bounded-leave', 5_000)).to.deep.equal([])
    const told = ['a-1 still leaves 15001 ms after it was asked to']
    expect(lookAt(16_001, 'bounded-leave', 5_000)).to.deep.equal(told)
    expect(look('bounded-leave')).to.deep.equal([])
  })

  it('see what the code itself calls a defect', () => {
    stage.nodes[1]?.notices.push({ kind: 'store.waiting' }, { kind: 'defect', what: 'a door', error: 'ajar' })
    expect(look('no-defects')).to.deep.equal(['b-2: a door: ajar'])
    expect(look('no-defects')).to.deep.equal([])
  })
})
