import { expect } from 'chai'
import { type CoveyError, defineWorkflow, type IsolationOptions } from 'covey'
import { rejection } from '../covey/client-world.js'
import { startIsolated } from './isolated-node.js'

const urlOf = (name: string): string => new URL(name, import.meta.url).href

describe('The module of an isolated workflow', function () {
  this.timeout(30_000)

  const refused = async (more: IsolationOptions & { readonly version?: string }): Promise<CoveyError> => {
    const work = defineWorkflow({
      name: 'tell-thread',
      version: '1',
      isolation: 'thread',
      run: () => 1,
      ...more,
    })
    return (await rejection(startIsolated([work]))) as CoveyError
  }

  it('is to be named, or no node starts', async () => {
    const error = await refused({})
    expect(error).to.include({ code: 'invalid_definition', address: 'module' })
    expect(error.mend).to.include('module: import.meta.url').and.include('--workflows')
  })

  it('is to export the workflow in its version', async () => {
    const error = await refused({ module: urlOf('./workflows.fixture.mjs'), version: '2' })
    expect(error).to.have.property('code', 'module_failed')
    expect(error.message).to.match(/does not export tell-thread 2$/)
  })

  for (const isolation of ['thread', 'process'] as const) {
    it(`is to load in a ${isolation}`, async () => {
      const error = await refused({ module: urlOf('./broken-module.fixture.mjs'), isolation })
      expect(error).to.have.property('code', 'module_failed')
      expect(error.message).to.include('RangeError: no such planet')
    })
  }

  it('is to start no node', async () => {
    const error = await refused({ module: urlOf('./node-module.fixture.mjs') })
    expect(error.message).to.include('starts a node when it is loaded')
  })

  it('is not needed by a manager', async () => {
    const work = defineWorkflow({ name: 'work', version: '1', isolation: 'thread', run: () => 1 })
    const world = await startIsolated([work], { roles: ['manager'] })
    await world.close()
  })
})
