import type { ActorRow } from '@covey/inspector'
import { expect } from 'chai'
import { openKindMax, treeRows } from '../../packages/inspector/page/model/actor-tree.js'
import { actorRow, foldedRow } from './rows.js'

const linesOf = (rows: readonly ActorRow[], filter = '', openness = new Map<string, boolean>()) =>
  treeRows(
    new Map(rows.map((row) => [row.key, row])),
    rows.map(({ key }) => key),
    filter,
    openness,
  )
const textOf = (rows: ReturnType<typeof linesOf>): string[] =>
  rows.map((row) =>
    row.type === 'group' ? `${' '.repeat(row.level - 1)}${row.label} ${row.count}` : `  ${row.id}`,
  )

const few = [
  actorRow('w1', 'peer', 'peer.w2', 'active'),
  actorRow('w1', 'peer', 'peer.m1', 'suspect'),
  actorRow('w1', 'worker', 'worker', 'ready'),
  foldedRow('workflow', 'j/a', 'running'),
]
const many = Array.from({ length: openKindMax + 1 }, (_, index) =>
  foldedRow('workflow', `j/${index}`, 'queued'),
)

describe('the tree of actors', () => {
  it('goes from the node or the shard to the kind to the actor', () => {
    expect(textOf(linesOf(few))).to.deep.equal([
      'w1 · 1 3',
      ' peer 2',
      '  w1/1/peer.w2',
      '  w1/1/peer.m1',
      ' worker 1',
      '  w1/1/worker',
      'shard 0 1',
      ' workflow 1',
      '  shard.0/j/a',
    ])
  })

  it('closes what is too long to be read, until somebody opens it or looks for something in it', () => {
    expect(linesOf(many).length).to.equal(2)
    expect(linesOf(many, '', new Map([['shard.0 workflow', true]])).length).to.equal(2 + many.length)
    expect(textOf(linesOf(many, 'j/17'))).to.deep.equal(['shard 0 1', ' workflow 1', '  shard.0/j/17'])
  })

  it('closes what somebody closes', () => {
    expect(textOf(linesOf(few, '', new Map([['w1/1', false]])))[1]).to.equal('shard 0 1')
  })

  it('finds by words of node, kind, actor and state, all of which have to be there', () => {
    expect(textOf(linesOf(few, 'suspect W1')).at(-1)).to.equal('  w1/1/peer.m1')
    expect(linesOf(few, 'suspect shard')).to.deep.equal([])
  })

  it('counts the states of a kind, most first', () => {
    const [, kind] = linesOf([...many, foldedRow('workflow', 'j/x', 'failed')])
    expect(kind).to.deep.include({
      states: [
        ['queued', many.length],
        ['failed', 1],
      ],
    })
  })
})
