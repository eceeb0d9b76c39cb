import { CoveyError, limits } from '@covey/protocol'
import { expect } from 'chai'
import { type AnyWorkflow, defineWorkflow } from 'covey'
import { z } from 'zod'
import { rejection } from './client-world.js'
import { ClusterWorld } from './cluster-world.js'

const failing = (name: string, run: () => unknown, attempts = 1) =>
  defineWorkflow({ name, version: '1', retry: { attempts, backoff: '10 ms' }, run })

function readSettings(): never {
  const missing = Object.assign(new Error('no such file'), { code: 'ENOENT' })
  throw new TypeError('the settings cannot be read', { cause: new RangeError('second', { cause: missing }) })
}

/** A chain that is longer than any limit, of which each error has a stack and a message over theirs. */
function throwEndlessly(): never {
  const error = new Error('m'.repeat(limits.errorTextMax * 2))
  error.stack = `Error\n${'    at somewhere (far.js:1:1)\n'.repeat(limits.errorStackMax)}`
  error.cause = error
  throw error
}

describe('A function that throws', () => {
  let world: ClusterWorld
  beforeEach(() => {
    world = new ClusterWorld()
  })
  afterEach(() => world.close())

  /** The error of a job of one step, `store`. */
  async function errorOf(workflow: AnyWorkflow) {
    const node = world.node('w1', undefined, [workflow])
    await world.during(node.ready)
    const client = await world.client()
    const job = await world.during(client.submitJob({ id: 'nightly', workflows: { store: { workflow } } }))
    const error = await world.during(rejection(job.result('store')))
    if (error instanceof CoveyError) return { error, job, client }
    throw error
  }

  it('is told of by job, step, attempt, node, code and address', async () => {
    const { error } = await errorOf(failing('settings', readSettings, 3))
    expect(error).to.include({
      code: 'workflow_failed',
      message: 'nightly/store, attempt 3 on w1: TypeError: the settings cannot be read',
      address: 'nightly/store',
      job: 'nightly',
      step: 'store',
      attempt: 3,
      node: 'w1',
    })
  })

  it('is told of with what it threw: names, messages, codes and stacks of the whole chain', async () => {
    const { error } = await errorOf(failing('settings', readSettings))
    const thrown = error.cause as Error
    const second = thrown.cause as Error
    const missing = second.cause as Error
    expect(thrown)
      .to.be.an('error')
      .that.includes({ name: 'TypeError', message: 'the settings cannot be read' })
    expect(thrown.stack).to.match(
      /^TypeError: the settings cannot be read\n +at readSettings .*failures\.test/,
    )
    expect(second).to.include({ name: 'RangeError', message: 'second' })
    expect(missing).to.include({ name: 'Error', message: 'no such file', code: 'ENOENT' })
    expect(missing.cause).to.equal(undefined)
    expect(error.stack).to.equal(`CoveyError: ${error.message}`)
  })

  it('is told of with how the attempts before failed, the last of them', async () => {
    let calls = 0
    const flaky = (): never => {
      calls += 1
      throw new Error(`${calls} ${'x'.repeat(limits.reasonTextMax)}`)
    }
    const { error } = await errorOf(failing('flaky', flaky, limits.errorsBeforeMax + 2))
    const { length } = error.before ?? []
    expect([length, calls]).to.deep.equal([limits.errorsBeforeMax, limits.errorsBeforeMax + 2])
    expect(error.before?.map((text) => text.slice(0, 26))).to.deep.equal(
      [2, 3, 4].map((call) => `workflow_failed: Error: ${call} `),
    )
    expect(error.before?.[0]).to.have.lengthOf(limits.reasonTextMax)
  })

  it('is told of within limits, however long its chain and its texts', async () => {
    const { error } = await errorOf(failing('endless', throwEndlessly))
    const chain: Error[] = []
    for (let next = error.cause; next instanceof Error; next = next.cause) chain.push(next)
    expect(chain).to.have.lengthOf(limits.errorCausesMax)
    for (const { message, stack = '' } of chain) {
      expect(message).to.have.lengthOf(limits.errorTextMax)
      expect(stack.length).to.be.within(limits.errorStackMax, limits.errorTextMax + limits.errorStackMax + 16)
    }
  })

  it('keeps the address and the code of an error of ours, and its stack as the cause', async () => {
    const refuse = (): never => {
      throw new CoveyError('invalid_input', 'no such day', { address: '2026-02-30' })
    }
    const { error } = await errorOf(failing('refusing', refuse))
    expect(error).to.include({ code: 'invalid_input', address: '2026-02-30', job: 'nightly', step: 'store' })
    expect((error.cause as Error).stack).to.match(/^CoveyError: no such day\n +at .*failures\.test/)
  })

  it('has no cause where its input does not fit: no stack of Covey itself says more', async () => {
    const input = z.string({ error: 'not a text' })
    const { error } = await errorOf(defineWorkflow({ name: 'choosy', version: '1', input, run: () => 1 }))
    expect(error.message).to.equal(
      'nightly/store, attempt 1 on w1: the input of choosy does not fit: not a text',
    )
    expect(error.cause).to.equal(undefined)
  })

  it('is told of in words where it throws no error at all', async () => {
    const { error } = await errorOf(failing('bare', () => Promise.reject({ status: 404 })))
    expect(error.message).to.equal('nightly/store, attempt 1 on w1: {"status":404}')
    expect(error.cause).to.equal(undefined)
  })

  it('is listed in its job without the stacks', async () => {
    const { client } = await errorOf(failing('settings', readSettings))
    const { workflows } = await world.during(client.job('nightly'))
    expect(workflows[0]?.error).to.deep.equal({
      code: 'workflow_failed',
      message: 'TypeError: the settings cannot be read',
    })
  })

  it('is told of without an attempt where none ever ran', async () => {
    const { client } = await errorOf(failing('settings', readSettings))
    const workflows = { first: { name: 'settings' }, next: { name: 'settings', after: ['first'] } } as const
    await world.during(client.submitJob({ id: 'chain', workflows }))
    const error = await world.during(rejection(client.result('chain/next')))
    expect(error).to.include({ code: 'workflow_skipped', job: 'chain', step: 'next', address: 'chain/first' })
    expect(error).to.not.have.any.keys('attempt', 'node')
    expect(error.message).to.equal('chain/next: chain/first, on which it depends, is failed')
  })
})
