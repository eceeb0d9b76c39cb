import { createSubjects, shardsFact } from '@covey/protocol'
import {
  type AgreementOptions,
  agreeOnShards,
  createMemoryBroker,
  type Facts,
  readShards,
} from '@covey/transport'
import { expect } from 'chai'
import { stillMemoryBroker } from './memory-world.js'

describe('the number of shards of a cluster', () => {
  const subjects = createSubjects('test')
  const made = () => {
    const { broker, clock, pass } = stillMemoryBroker()
    const { facts } = broker.open('m1')
    const agree = (more: Partial<AgreementOptions>): Promise<number | string> => {
      const deadlines = { deadlineMs: 2_000, retryMs: 100 }
      const agreed = agreeOnShards({ facts, subjects, clock, ...deadlines, ...more })
      return agreed.catch(({ code, message }: Error & { code: string }) => `${code}: ${message}`)
    }
    const settled = async <Value>(promise: Promise<Value>): Promise<Value> => {
      await pass(3_000)
      return promise
    }
    return { facts, agree, settled, pass }
  }

  it('is what the first manager says, of several at once the one whose fact was first', async () => {
    const { agree, settled, facts } = made()
    const several = Promise.all([agree({ decides: () => 4 }), agree({ decides: () => 8 }), agree({})])
    expect(await settled(several)).to.deep.equal([4, 4, 4])
    expect(await settled(readShards({ facts, subjects }))).to.equal(4)
    expect(await settled(agree({ decides: () => 1 }))).to.equal(4)
  })

  it('is never another one: whoever asks for one is refused, and told which it is', async () => {
    const { agree, settled } = made()
    await settled(agree({ decides: () => 4, wanted: 4 }))
    const refusal = await settled(agree({ decides: () => 2, wanted: 2 }))
    expect(refusal).to.equal('incompatible: cluster test has 4 shards, and not 2')
    for (const wanted of [0, 65, 1.5, Number.NaN])
      expect(await settled(agree({ wanted, decides: () => wanted }))).to.match(/^invalid_options: shards is/)
  })

  it('is waited for by who is no manager, and not for ever', async () => {
    const { agree, settled, pass } = made()
    expect(await settled(agree({}))).to.match(/^unavailable: nothing says how many shards cluster test has/)
    const waiting = agree({})
    await pass(500)
    void agree({ decides: () => 3 })
    expect(await settled(waiting)).to.equal(3)
  })

  it('is asked for again where the store does not answer, and given up with what the store said', async () => {
    const { agree, settled } = made()
    let reads = 0
    const away: Facts['read'] = async () => {
      reads += 1
      return { kind: 'unavailable', reason: 'gone' }
    }
    const facts = { read: away, create: async () => ({ kind: 'full' as const }) }
    expect(await settled(agree({ facts, decides: () => 1 }))).to.match(
      /^unavailable: .*the store of the facts is full \(waited 2 s\)$/,
    )
    expect(reads).to.be.within(10, 25)
  })

  it('is 1 to 64, on the wire too, and of a broker in memory what it was made with', () => {
    for (const shards of [0, 65, 1.5])
      expect(() => shardsFact.decode(shardsFact.encode({ shards }))).to.throw(/shards/)
    const { broker, clock } = stillMemoryBroker()
    expect(broker.open('n').shards).to.equal(1)
    const options = { clock, random: { next: () => 0.5, id: () => 'x' }, cluster: 'test' }
    expect(createMemoryBroker({ ...options, shards: 7 }).open('n').shards).to.equal(7)
    expect(() => createMemoryBroker({ ...options, shards: 65 })).to.throw(/shards is 65: 1 to 64/)
  })
})
