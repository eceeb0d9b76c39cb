import { expect } from 'chai'
import type { FactNews } from '../../actors/membership/fact-watch.js'
import { JoinOrder } from '../../actors/membership/join-order.js'

const joined = (nodeId: string, generation = 1, configuration?: string): FactNews => ({
  kind: 'joined',
  ...{ nodeId, generation },
  body: {
    ...{ bootId: 'a-boot-of-that-node', host: 'h', pid: 1, roles: [], slots: 0, version: '1.0.0', since: '' },
    ...(configuration === undefined ? {} : { configuration }),
  },
})

describe('the order in which nodes join', () => {
  const orderOf = (...facts: FactNews[]): JoinOrder => {
    const order = new JoinOrder()
    for (const fact of facts) order.note(fact)
    return order
  }
  const earlier = (order: JoinOrder, nodeId: string, generation = 1): string[] | undefined =>
    order.before({ nodeId, generation })?.map((one) => `${one.nodeId}.${one.generation}`)

  it('S3 is that of their facts, and not known before the own fact is heard', () => {
    const order = orderOf(joined('a', 1, 'x'), joined('b', 1, 'y'))
    expect(earlier(order, 'own')).to.equal(undefined)
    order.note(joined('own', 1, 'x'))
    order.note(joined('c', 1, 'x'))
    expect(earlier(order, 'own')).to.deep.equal(['a.1', 'b.1'])
    expect([order.hasOthers('x'), orderOf(joined('a', 1, 'x')).hasOthers('x')]).to.deep.equal([true, false])
  })

  it('S3 is the same where facts are read again, and names nobody who is active, over, or says no digest', () => {
    const own = joined('own', 2, 'x')
    const over = ['active', 'leaving'] as const
    const order = orderOf(
      ...[joined('own', 1, 'x'), joined('a', 1, 'y'), joined('b', 1, 'y'), joined('c', 1, 'y'), joined('d')],
      ...[own, joined('e', 1, 'y'), joined('a', 1, 'y'), joined('b', 2, 'y')],
      ...over.map((kind, index) => ({ kind, nodeId: index === 0 ? 'c' : 'b', generation: 1 })),
    )
    expect(earlier(order, 'own', 1)).to.equal(undefined)
    expect(earlier(order, 'own', 2)).to.deep.equal(['a.1'])
    expect(earlier(order, 'b', 2)).to.deep.equal(['a.1', 'own.2', 'e.1'])
  })
})
