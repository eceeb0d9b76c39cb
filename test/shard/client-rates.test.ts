import { defaultLoad } from '@covey/actors'
import { type BucketTerms, faultOfRate, strangerTerms } from '@covey/machines'
import { type Answer, commandsMessage, limits } from '@covey/protocol'
import { expect } from 'chai'
import fc from 'fast-check'
import { ClientRates } from '../../actors/shard/client-rates.js'
import { step } from './scripted-client.js'
import { ShardScene } from './shard-scene.js'

const terms: fc.Arbitrary<BucketTerms> = fc.record({
  perSecond: fc.integer({ min: 1, max: 50 }),
  burst: fc.integer({ min: 1, max: 20 }),
})
const passing = fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 200 })
const mostOf = ({ perSecond, burst }: BucketTerms, ms: number): number =>
  burst + (ms / 1_000) * perSecond + 1e-6

describe('the rate of a client', () => {
  it('S-D2 is never over its limit, and who waits as told may', () => {
    fc.assert(
      fc.property(terms, passing, (given, waits) => {
        const rates = new ClientRates(given, 0)
        let [nowMs, taken] = [0, 0]
        for (const ms of waits) {
          nowMs += ms
          const waitMs = rates.take('one', nowMs)
          if (waitMs === 0) taken += 1
          else {
            nowMs += waitMs
            expect(rates.take('one', nowMs), 'after the wait').to.equal(0)
            taken += 1
          }
        }
        expect(taken).to.be.at.most(mostOf(given, nowMs))
      }),
    )
  })

  it('S-D2 is not over that of all strangers by names that change each time', () => {
    fc.assert(
      fc.property(terms, passing, (given, waits) => {
        const rates = new ClientRates(given, 0)
        let [nowMs, taken] = [0, 0]
        waits.forEach((ms, index) => {
          nowMs += ms / 40
          for (let times = 0; times < 8; times += 1)
            if (rates.take(`name-${index}-${times}`, nowMs) === 0) taken += 1
        })
        expect(taken).to.be.at.most(mostOf(strangerTerms(given), nowMs))
      }),
      { numRuns: 50 },
    )
  })

  it('S-D2 is its own once it has been known for as long as its bucket takes to fill', () => {
    const rates = new ClientRates({ perSecond: 10, burst: 10 }, 0)
    expect(rates.take('known', 0)).to.equal(0)
    for (let name = 0; rates.take(`stranger-${name}`, 1_000) === 0; name += 1);
    expect(rates.take('another', 1_000), 'a stranger').to.be.above(0)
    for (let times = 0; times < 10; times += 1) expect(rates.take('known', 1_000)).to.equal(0)
    expect(rates.take('known', 1_000)).to.equal(100)
  })

  it('S-D1 is kept for a bounded number of clients, the last ones, without any clean-up', () => {
    const rates = new ClientRates({ perSecond: 1, burst: 1 }, 0)
    rates.take('first', 0)
    for (let name = 0; name < limits.rateClientsMax - 1; name += 1) rates.take(`c-${name}`, 1_000_000 * name)
    const nowMs = 1_000_000 * limits.rateClientsMax
    rates.take('first', nowMs)
    for (let name = 0; name < 100; name += 1) rates.take(`d-${name}`, nowMs)
    expect(rates.size).to.equal(limits.rateClientsMax)
    expect(rates.take('first', nowMs), 'used last, so it is still known').to.equal(1_000)
  })

  it('S-D2 a limit that cannot be is refused with its values', () => {
    expect(faultOfRate({ perSecond: 0.5, burst: 1 })).to.equal(undefined)
    expect(faultOfRate({ perSecond: 0, burst: 1 })).to.include('0 a second')
    expect(faultOfRate({ perSecond: Number.NaN, burst: 1 })).to.include('NaN')
    expect(faultOfRate({ perSecond: 1, burst: 0 })).to.include('0 at once')
    expect(faultOfRate({ perSecond: 1, burst: 1.5 })).to.include('1.5 at once')
  })
})

describe('a manager that limits its clients', () => {
  let scene: ShardScene

  beforeEach(async () => {
    scene = new ShardScene()
    scene.world.load = { ...defaultLoad, rates: { submit: { perSecond: 2, burst: 3 } } }
    await scene.lead('m1', 'm2')
  })
  afterEach(() => scene.close())

  const submits = (...jobs: string[]): Promise<readonly Answer[]> =>
    scene.client.commands(
      jobs.map((job) => ({
        ...{ type: 'job.submit', job, digest: 'digest' },
        ...{ chunk: { index: 0, count: 1 }, workflows: [step('main')] },
      })),
    )

  it('S-D2 turns away what is over the limit: which limit, how long, and what to do', async () => {
    const answers = await scene.settled(submits('a', 'b', 'c', 'd', 'e'))
    const turned = answers.filter(({ type }) => type === 'error')
    expect(answers).to.have.length(5)
    const inOrder = answers.toSorted((one, other) => one.number - other.number)
    expect(turned, 'the last ones').to.deep.equal(inOrder.slice(3))
    for (const [index, answer] of turned.entries()) {
      const { error, afterMs } = answer as Extract<Answer, { type: 'error' }>
      expect(error).to.include({
        code: 'rate_limited',
        message: 'one client may submit 2 times a second, 3 times at once',
        mend: `come again in ${afterMs} ms; or let managers allow more: rateLimits.submit`,
      })
      // One after the other, as there will be room for them.
      expect(afterMs).to.be.within(index * 500 + 450, index * 500 + 500)
    }
    expect(await scene.settled(submits('d')), 'too soon').to.have.nested.property('[0].type', 'error')
    await scene.world.run(500)
    expect(await scene.settled(submits('d'))).to.have.nested.property('[0].type', 'submitted')
  })

  it('S-D2 turns no cancel, result, status or list away, and counts what it turned away', async () => {
    await scene.settled(submits('a', 'b', 'c', 'd', 'e', 'f'))
    const asked: Parameters<typeof scene.client.command>[0][] = [
      { type: 'job.cancel', job: 'a', reason: '' },
      { type: 'result.get', workflow: 'b/main' },
      { type: 'job.list', after: 0 },
      { type: 'status.get' },
    ]
    const types: (string | undefined)[] = []
    for (const command of [...asked, ...asked, ...asked])
      types.push((await scene.settled(scene.client.command(command)))?.type)
    expect([...new Set(types)]).to.deep.equal(['cancelled', 'outcome', 'jobs', 'status'])
    const status = await scene.settled(scene.client.command({ type: 'status.get' }))
    expect(status).to.have.nested.property('shards[0].limited', 3)
    const [leader = ''] = scene.world.leaders()
    expect(scene.world.find(leader).part.read()[0]?.figures.limited).to.deep.equal({ list: 0, submit: 3 })
  })

  it('S-D2 limits each client by itself; the next leader begins anew', async () => {
    await scene.settled(submits('a', 'b', 'c'))
    const other = commandsMessage.encode({
      client: 'other',
      commands: [
        {
          type: 'job.submit',
          number: 1,
          job: 'o',
          digest: 'x',
          chunk: { index: 0, count: 1 },
          workflows: [step('main')],
        },
      ],
    })
    scene.client.links.control.publish(scene.world.subjects.command(0), other)
    await scene.world.run(50)
    expect(await scene.stateOf('o/main')).to.equal('queued')
    expect(await scene.settled(submits('d'))).to.have.nested.property('[0].type', 'error')
    const [leader = ''] = scene.world.leaders()
    scene.world.crash(leader)
    await scene.leader()
    expect(await scene.settled(submits('d', 'e', 'f'))).to.have.nested.property('[2].type', 'submitted')
  })
})
