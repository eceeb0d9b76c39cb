import { emptyShard, type Member } from '@covey/actors'
import { expect } from 'chai'
import { type StatusSource, statusView } from '../../actors/shard/status-view.js'

const member = (nodeId: string, busy: object): Member => ({
  ...{
    nodeId,
    generation: 1,
    state: 'active',
    roles: ['worker'],
    slots: 2,
    host: 'h',
    pid: 7,
    since: '',
    labels: [],
  },
  ...busy,
})

describe('the view of a cluster', () => {
  it('K28 says which nodes are busy', () => {
    const members = { all: () => [member('a', { busy: true }), member('b', {})], endOf: () => undefined }
    const source = {
      state: emptyShard(0, 1),
      seats: { used: () => 1 },
      members,
      backlog: () => 0,
      admission: { level: 'calm' as const, limited: 0 },
    }
    const view = statusView(source as unknown as StatusSource, 3)
    const nodes = view.type === 'status' ? view.nodes : []
    expect(nodes.map(({ id, busy }) => [id, busy])).to.deep.equal([
      ['a', true],
      ['b', undefined],
    ])
  })
})
