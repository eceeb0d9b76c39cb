import { CoveyError, labelTexts, limits } from '@covey/protocol'
import { expect } from 'chai'
import { defineWorkflow, type StepSpec, startNode } from 'covey'
import { z } from 'zod'
import { contentOf } from '../../packages/covey/src/job/job-content.js'
import { demandOf } from '../../packages/covey/src/job/step-demand.js'
import { ClusterWorld } from './cluster-world.js'

const run = async (): Promise<number> => 1

const refused = (make: () => unknown): string => {
  try {
    make()
  } catch (error) {
    expect(error).to.be.instanceOf(CoveyError)
    return `${(error as CoveyError).code} ${(error as CoveyError).message}`
  }
  throw new Error('it was taken')
}
const named = (demand: Omit<StepSpec, 'workflow' | 'name'> & Record<string, unknown>) =>
  demandOf('j/main', { name: 'work', ...demand } as StepSpec)

describe('Labels', () => {
  const read = (given: unknown): string[] =>
    labelTexts(given as never, (message) => {
      throw new Error(message)
    })

  it('are the same as a list and as an object', () => {
    expect(read({ region: 'eu', gpu: true, cores: 8, old: false })).to.deep.equal([
      'cores=8',
      'gpu',
      'region=eu',
    ])
    expect(read(['region=eu', 'gpu', 'gpu'])).to.deep.equal(['gpu', 'region=eu'])
    expect(read([])).to.deep.equal([])
  })

  for (const [what, given] of [
    ['a text', 'gpu'],
    ['null', null],
    ['a label with a blank', ['a b']],
    ['a label without a name', ['=eu']],
    ['a label with two values', ['a=b=c']],
    ['a number in a list', [7]],
    ['a value that is an object', { region: {} }],
    ['a label that is too long', ['x'.repeat(limits.labelTextMax + 1)]],
    ['more than there may be', Array.from({ length: limits.labelsMax + 1 }, (_, index) => `l${index}`)],
  ] as const) {
    it(`are not ${what}`, () => {
      expect(() => read(given)).to.throw()
    })
  }

  it('of a node are refused where they are none', async () => {
    const options = { name: 'n', server: 'nats://127.0.0.1:1', labels: ['a b'] }
    const error = await startNode(options).catch((reason: unknown) => reason)
    expect(error).to.include({ code: 'invalid_options', address: 'labels' })
  })
})

describe('What a definition asks of its place', () => {
  it('is in its policy', () => {
    const { policy, key } = defineWorkflow({
      ...{ name: 'a', version: '1', run, requires: { region: 'eu', gpu: true } },
      input: z.object({ tenant: z.string() }),
      concurrency: { limit: 2, key: ({ tenant }) => tenant },
    })
    expect(policy).to.deep.include({ requires: ['gpu', 'region=eu'], keyLimit: 2 })
    expect(key?.({ tenant: 't' } as never)).to.equal('t')
  })

  for (const [field, more] of [
    ['requires', { requires: ['a b'] }],
    ['concurrency', { concurrency: 3 }],
    ['concurrency.limit', { concurrency: {} }],
    ['concurrency.limit', { concurrency: { limit: 0 } }],
    ['concurrency.key', { concurrency: { limit: 1, key: 'tenant' } }],
    ['concurrency.keys', { concurrency: { limit: 1, keys: () => '' } }],
  ] as const) {
    it(`is refused by the name of the field: ${field}`, () => {
      const options = { name: 'a', version: '1', run, ...more }
      expect(refused(() => defineWorkflow(options as never))).to.match(
        new RegExp(`^invalid_definition ${field}: `),
      )
    })
  }
})

describe('What a step asks of its place', () => {
  const tenants = defineWorkflow({
    ...{ name: 'work', version: '1', run },
    concurrency: { limit: 1, key: (input: { tenant: string }) => input.tenant },
  })

  it('is nothing where it is as it would be anyway', () => {
    expect(named({})).to.equal(undefined)
    expect(named({ priority: 0, requires: [] })).to.equal(undefined)
  })

  it('has the key that the definition makes of the input, unless another one is given', () => {
    const input = { tenant: 't1' }
    expect(demandOf('j/main', { workflow: tenants, input })).to.deep.equal({ key: 't1' })
    expect(demandOf('j/main', { workflow: tenants, input, key: 'mine' })).to.deep.equal({ key: 'mine' })
  })

  for (const [what, demand, says] of [
    ['a priority that is too high', { priority: limits.priorityMax + 1 }, /priority does not fit/],
    ['half a priority', { priority: 0.5 }, /priority does not fit/],
    ['an empty key', { key: '' }, /key does not fit/],
    ['a key that is too long', { key: 'k'.repeat(limits.keyTextMax + 1) }, /key does not fit/],
    ['labels that are none', { requires: ['a b'] }, /"a b" is not a label/],
  ] as const) {
    it(`is refused with ${what}`, () => {
      expect(refused(() => named(demand)))
        .to.match(/^invalid_job j\/main/)
        .and.to.match(says)
    })
  }

  it('is refused where the function of the key throws, or makes none', () => {
    const none = { tenant: undefined as never }
    expect(refused(() => demandOf('j/main', { workflow: tenants, input: none }))).to.include('is undefined')
    const step = { workflow: tenants, input: undefined } as unknown as StepSpec
    expect(refused(() => demandOf('j/main', step))).to.include('threw')
  })

  it('is part of what the job is: with another demand the id is of another job', () => {
    const digest = (more: object): string => contentOf('j', { main: { name: 'work', ...more } }).digest
    const demands = [
      {},
      { priority: 1 },
      { key: '1' },
      { requires: ['a', 'b'] },
      { requires: ['a'], key: 'b' },
    ]
    expect(new Set(demands.map(digest)).size).to.equal(demands.length)
    expect(digest({ requires: ['b', 'a'] })).to.equal(digest({ requires: { a: true, b: true } }))
    expect(digest({ priority: 0 })).to.equal(digest({}))
  })
})

describe('Placing in a cluster', () => {
  it('keeps to labels and to the limit of a key, from the definition to the worker', async () => {
    const world = new ClusterWorld()
    const [running, most, nodes] = [new Map<string, number>(), new Map<string, number>(), new Set<string>()]
    const render = defineWorkflow({
      ...{ name: 'render', version: '1', requires: ['gpu'], input: z.object({ tenant: z.string() }) },
      concurrency: { limit: 2, key: ({ tenant }) => tenant },
      run: async ({ input: { tenant }, node }) => {
        const count = (running.get(tenant) ?? 0) + 1
        running.set(tenant, count)
        most.set(tenant, Math.max(count, most.get(tenant) ?? 0))
        nodes.add(node)
        await new Promise<void>((resolve) => world.clock.setTimeout(resolve, 100))
        running.set(tenant, (running.get(tenant) ?? 0) - 1)
      },
    })
    await world.during(world.node('w1', undefined, [render], 8).ready)
    world.labels = ['gpu']
    await world.during(world.node('w2', undefined, [render], 8).ready)
    const client = await world.client()
    const inputs = ['a', 'a', 'a', 'a', 'a', 'b', 'b', 'b'].map((tenant) => ({ tenant }))
    const jobs = await world.during(Promise.all(inputs.map((input) => client.submit(render, input))))
    await world.during(Promise.all(jobs.map((job) => job.result())))
    expect(Object.fromEntries(most)).to.deep.equal({ a: 2, b: 2 })
    expect([...nodes]).to.deep.equal(['w2'])
    await world.close()
  })
})
