import type { MemberNews } from '@covey/actors'
import { type DepartedFact, departedFact } from '@covey/protocol'
import { type Invariant, invariants, type Scene, type ToldFact } from '@covey/simulator'
import { expect } from 'chai'

interface StagedNode {
  readonly name: string
  readonly address: string
  isUp: boolean
  leaveCalledAtMs?: number
  generation: number
  news: MemberNews[]
  notices: unknown[]
  readonly membership: { readonly bootId: string; state(): string }
  readonly env: { readonly timings: { readonly leaveDeadlineMs: number } }
}

const stagedNode = (name: string, process: number): StagedNode => ({
  name,
  address: `${name}-${process}`,
  isUp: true,
  generation: 1,
  news: [],
  notices: [],
  membership: { bootId: `boot-${process}`, state: () => 'active' },
  env: { timings: { leaveDeadlineMs: 10_000 } },
})

describe('The invariants of a simulation', () => {
  let nodes: StagedNode[]
  let facts: ToldFact[]
  let nowMs: number
  let troubleMs: number
  let powerLosses: number
  let all: readonly Invariant[]

  const look = (name: string): readonly string[] =>
    all.find((one) => one.name === name)?.look() ?? ['missing']
  const departed = (node: string, body: DepartedFact): ToldFact => ({
    ...{ node, generation: 1, phase: 'departed' },
    data: departedFact.encode(body),
  })

  beforeEach(() => {
    nodes = [stagedNode('a', 1), stagedNode('b', 2)]
    facts = []
    nowMs = 0
    troubleMs = 0
    powerLosses = 0
    const scene = {
      changed: () => nodes,
      world: { nodes, heap: { now: () => nowMs } },
      takeFacts: () => facts.splice(0),
      lastTroubleMs: () => troubleMs,
      powerLosses: () => powerLosses,
    }
    all = invariants.map((define) => define(scene as unknown as Scene))
  })

  it('are each content with a cluster to which nothing happens', () => {
    for (const { name } of all) expect(look(name), name).to.deep.equal([])
  })

  it('14 sees a generation that is spoken of after its end, and tells it once', () => {
    const ending = { nodeId: 'b', generation: 1, how: 'crashed', dirty: false } as const
    const member = { nodeId: 'b', generation: 1, state: 'active' } as never
    nodes[0]?.news.push({ kind: 'ended', ending })
    expect(look('news-in-order')).to.deep.equal([])
    nodes[0]?.news.push({ kind: 'changed', member })
    expect(look('news-in-order')).to.deep.equal(['a was told: b.1 is active after its end'])
    expect(look('news-in-order')).to.deep.equal([])
  })

  it('10 sees a generation that two processes have, also one after the other', () => {
    expect(look('single-owner')).to.deep.equal([])
    const [first] = nodes
    if (first) first.isUp = false
    nodes.push(stagedNode('a', 3))
    expect(look('single-owner')).to.deep.equal(['a.1 belongs to a-1 (boot boot-1) and to a-3 (boot boot-3)'])
    powerLosses += 1
    if (first) nodes.shift()
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
      facts.push(departed('b', body))
      expect(look('founded-departures').join()).to.include(told)
    })

  it('16 is content with votes enough, a goodbye that was asked for, and an exit of who is dead', () => {
    const [, second] = nodes
    if (second) Object.assign(second, { leaveCalledAtMs: 0, isDead: true })
    facts.push(
      departed('b', { kind: 'crashed', by: 'a', evidence }),
      departed('b', { kind: 'left', by: 'b' }),
      departed('b', { kind: 'exited', by: 'a' }),
    )
    expect(look('founded-departures')).to.deep.equal([])
  })

  it('25 sees a goodbye that outlasts its deadline by more than a second, its own trouble left out', () => {
    const [first] = nodes
    if (first) first.leaveCalledAtMs = 1_000
    nowMs = 12_000
    expect(look('bounded-leave')).to.deep.equal([])
    nowMs = 12_001
    troubleMs = 5_000
    expect(look('bounded-leave')).to.deep.equal([])
    nowMs = 16_001
    expect(look('bounded-leave')).to.deep.equal(['a-1 still leaves 15001 ms after it was asked to'])
    expect(look('bounded-leave')).to.deep.equal([])
  })

  it('see what the code itself calls a defect', () => {
    nodes[1]?.notices.push({ kind: 'store.waiting' }, { kind: 'defect', what: 'a door', error: 'ajar' })
    expect(look('no-defects')).to.deep.equal(['b-2: a door: ajar'])
    expect(look('no-defects')).to.deep.equal([])
  })
})
