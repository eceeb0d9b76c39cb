import { CoveyError } from '@covey/protocol'
import { expect } from 'chai'
import { connect, defineWorkflow, startNode } from 'covey'
import { rejection } from './client-world.js'

const server = 'nats://127.0.0.1:1'
/** As a program without types would pass them. */
const connectWith = (options: object) => rejection(connect(options as Parameters<typeof connect>[0]))
const startWith = (options: object) => rejection(startNode(options as Parameters<typeof startNode>[0]))

describe('An option that nobody knows', () => {
  const refused = (change: object): CoveyError => {
    const options = { name: 'a', version: '1', run: () => 1, ...change }
    try {
      defineWorkflow(options)
    } catch (error) {
      if (error instanceof CoveyError) return error
    }
    throw new Error('It was taken')
  }

  it('of defineWorkflow is refused, with the one that was meant', () => {
    for (const [change, address, mend] of [
      [{ timout: '1 s' }, 'timout', 'did you mean timeout?'],
      [{ Exclusive: false }, 'Exclusive', 'did you mean exclusive?'],
      [{ retry: { attempts: 2, backof: 1 } }, 'retry.backof', 'did you mean backoff?'],
      [{ retry: { attemps: 2 } }, 'retry.attemps', 'did you mean attempts?'],
    ] as const) {
      expect(refused(change)).to.include({ code: 'invalid_definition', address, mend })
      expect(refused(change).message).to.equal(`${address}: there is no such option`)
    }
  })

  it('that is spelled like none is told all that there are', () => {
    const { mend } = refused({ colour: 'red' })
    expect(mend).to.match(/^known are name, version, /)
    expect(refused({ ['x'.repeat(1_000_000)]: 1 }).mend).to.equal(mend)
    expect(refused({ retry: 3 })).to.include({ address: 'retry' })
  })

  it('of connect and startNode is refused before anything is dialled', async () => {
    for (const [call, where] of [
      [connectWith, 'connect'],
      [startWith, 'startNode'],
    ] as const) {
      const error = await call({ name: 'a', server, clster: 'b' })
      expect(error).to.include({ code: 'invalid_options', mend: 'did you mean cluster?', address: where })
      expect(error.message).to.equal(`${where}: there is no option "clster"`)
      expect(await call({ name: 'a', servers: [server] })).to.include({ mend: 'did you mean server?' })
      const credentials = { user: 'u', pasword: 'p' }
      const about = { mend: 'did you mean password?', address: `${where}.credentials` }
      expect(await call({ name: 'a', server, credentials })).to.include(about)
      for (const nothing of [undefined, null, server])
        expect(await call(nothing as unknown as object)).to.include({ code: 'invalid_options' })
    }
    expect(await startWith({ name: 'a', server, rols: ['worker'] })).to.include({
      mend: 'did you mean roles?',
    })
  })

  it('of a profile is refused with those that there are', async () => {
    const error = await startWith({ name: 'a', server, profile: 'fast' })
    expect(error).to.include({ code: 'invalid_options', mend: 'known are local, lan, wan' })
    expect(error.message).to.equal('startNode: there is no profile "fast"')
  })

  it('keeps no option from being taken that there is', async () => {
    const { clock, random } = { clock: undefined, random: undefined }
    const error = await startWith({
      ...{ name: 'a', cluster: 'c', roles: ['worker'], slots: 1, workflows: [], replace: false, replicas: 1 },
      profile: 'local',
      ...{ timings: undefined, logger: 'silent', clock, random, server, credentials: { token: 't' } },
    })
    expect(error).to.include({ code: 'unreachable' })
  })
})
