import { limits, outboxMessage, packStored, packValue, storedIn, unpackValue } from '@covey/protocol'
import { expect } from 'chai'
import fc from 'fast-check'
import { controlled, plain } from './controlled-workflow.js'
import type { FakeLeader } from './fake-leader.js'
import { makeLedWorld } from './worker-world.js'

const large = 'x'.repeat(2 * limits.objectPartBytes)

describe('a large result at its worker', () => {
  let world: Awaited<ReturnType<typeof makeLedWorld>>
  let leader: FakeLeader

  beforeEach(async () => {
    const workflows = [
      plain('large', () => large),
      plain('lengths', ({ results }) => Object.values(results).map((result) => String(result).length)),
      controlled('other'),
    ]
    world = await makeLedWorld({ workflows, slots: 8 })
    leader = world.leader
  })
  afterEach(() => world.close())

  const run = async (name: string, more = {}) => {
    const dispatch = leader.next(name, more)
    leader.run([dispatch])
    await world.pass(100)
    return dispatch
  }
  const endingOf = (token: string) => leader.reportsOf(token).at(-1)

  it('K36 is written under its token before its word is said, which names it', async () => {
    const { token, workflow } = await run('large')
    const word = endingOf(token)
    const named = word?.kind === 'completed' ? storedIn(word.result) : undefined
    expect(named).to.include({ token, parts: 3, bytes: packValue(large).byteLength })
    const listing = world.links.objects.list(world.env.subjects.resultParts(0, workflow, token))
    await world.pass(10)
    const bytes = Buffer.concat((await listing).map(({ data }) => data))
    expect(unpackValue(bytes)).to.equal(large)
  })

  it('K36 K9 goes by its name through the outbox too', async () => {
    const { token } = await run('large')
    await world.pass(60_000)
    const listing = world.links.outbox.list(world.env.subjects.outboxOf(0))
    await world.pass(10)
    const [fact] = await listing
    const report = fact && outboxMessage.decode(fact.data).report
    expect(report?.kind === 'completed' && storedIn(report.result)).to.include({ token })
  })

  it('K36 waits for its store, and is stored when that answers again', async () => {
    world.broker.faults.storeAnswers = 'refused'
    const { token } = await run('large')
    await world.pass(1_000)
    expect(leader.reportsOf(token).map(({ kind }) => kind)).to.not.include('completed')
    world.broker.faults.storeAnswers = 'all'
    await world.pass(2_000)
    expect(endingOf(token)).to.include({ kind: 'completed' })
  })

  it('K36 that waits for its store ends with a cancel', async () => {
    world.broker.faults.storeAnswers = 'refused'
    const dispatch = await run('large')
    leader.cancel(dispatch)
    await world.pass(1_000)
    expect(endingOf(dispatch.token)).to.include({ kind: 'cancelled' })
  })

  it('K36 fails the attempt, which may be tried again, where the store has no room', async () => {
    world.broker.faults.storeBytesMax.objects = limits.objectPartBytes
    const { token } = await run('large')
    expect(endingOf(token))
      .to.deep.include({ kind: 'failed', retryable: true })
      .and.to.have.nested.property('error.code', 'storage_full')
  })

  it('K36 is read before what depends on it runs', async () => {
    const before = await run('large')
    const word = endingOf(before.token)
    const result = word?.kind === 'completed' ? word.result : new Uint8Array(0)
    const [job, step = ''] = before.workflow.split('/')
    const after = await run('lengths', {
      workflow: `${job}/after`,
      results: { [step]: result, small: packValue('abc') },
    })
    const said = endingOf(after.token)
    expect(said?.kind === 'completed' && unpackValue(said.result)).to.deep.equal([large.length, 3])
  })

  it('K36 is not handed over where all of them are too many bytes', async () => {
    const digest = '0'.repeat(64)
    const one = packStored({ token: '1.1.1.0', parts: 256, bytes: limits.resultBytesMax, digest })
    const results = Object.fromEntries(['a', 'b', 'c', 'd', 'e'].map((step) => [step, one]))
    const { token } = await run('lengths', { results })
    expect(endingOf(token)).to.have.nested.property('error.code', 'too_large')
  })

  it('is told from everything that a function can return', () => {
    fc.assert(
      fc.property(fc.anything({ withDate: true, withTypedArray: true }), (value) => {
        let packed: Uint8Array
        try {
          packed = packValue(value)
        } catch {
          fc.pre(false)
          return
        }
        expect(storedIn(packed)).to.equal(undefined)
      }),
      { numRuns: 500 },
    )
    const named = { token: '1.2.3.4', parts: 1, bytes: 2, digest: 'a'.repeat(64) }
    expect(storedIn(packStored(named))).to.deep.equal(named)
    for (const [field, value] of [
      ['token', 'x'],
      ['parts', 1e9],
      ['bytes', -1],
      ['digest', 'g'],
    ])
      expect(storedIn(packStored({ ...named, [field as string]: value }))).to.equal(undefined)
    expect(storedIn(packStored(named).subarray(0, 9))).to.equal(undefined)
    expect(storedIn(new Uint8Array(0))).to.equal(undefined)
  })
})
