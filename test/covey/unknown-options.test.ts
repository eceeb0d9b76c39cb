import { CoveyError } from '@covey/protocol'
import { expect } from 'chai'
import { connect, defineWorkflow, startNode } from 'covey'
import { ClientWorld, rejection } from './client-world.js'

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

  it('of defineWorkflow cannot be known where there are no options', () => {
    for (const none of [undefined, null, 'resize', []] as never[]) {
      expect(() => defineWorkflow(none)).to.throw(CoveyError, 'options: is no object')
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
      for (const nothing of [undefined, null, server, [server]]) {
        const error = await call(nothing as unknown as object)
        expect(error).to.include({ code: 'invalid_options', address: where })
        expect(error)
          .to.have.property('mend')
          .that.matches(/^write them as an object with one or more of .*server/)
      }
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

  it('has no value that cannot work: what is wrong is said before anything is dialled', async () => {
    const way = "give server: 'nats://127.0.0.1:4222', as covey up prints it, or links that are open"
    for (const [call, where] of [
      [connectWith, 'connect'],
      [startWith, 'startNode'],
    ] as const)
      for (const [options, option, message] of [
        [{}, 'server', 'there is neither a server nor links'],
        [{ server: undefined }, 'server', 'there is neither a server nor links'],
        [{ links: undefined }, 'server', 'there is neither a server nor links'],
        [{ links: null }, 'links', 'links are none'],
        [{ server: '' }, 'server', 'server is no URL'],
        [{ server: [] }, 'server', 'server is no URL'],
        [{ server: [server, undefined] }, 'server', 'server is no URL'],
        [{ server: 4222 }, 'server', 'server is no URL'],
        [{ server: `${server},` }, 'server', 'server is no URL'],
        [{ server: '127.0.0.1:99999' }, 'server', 'server 127.0.0.1:99999 is no URL'],
        [{ server: [server, 'a b'] }, 'server', 'server a b is no URL'],
        [{ server: 'nats://' }, 'server', 'server nats:// names no host'],
        [
          { server: 'http://u:secret@127.0.0.1:1' },
          'server',
          'server http://***@127.0.0.1:1 begins with http://, and a nats-server is reached by nats:// or tls://',
        ],
        [
          { server: 'nats://u:p@h:4222' },
          'server',
          'server nats://***@h:4222 has credentials in it, and they are an option of their own',
        ],
        [{ server: 'nats://h:4222/x' }, 'server', 'server nats://h:4222/x has more than a host and a port'],
        [{ server: 'h:4222?x' }, 'server', 'server h:4222?x has more than a host and a port'],
        [{ server: 'nats://h:0' }, 'server', 'server nats://h:0 has a port that nobody can listen on'],
        [{ server: 'h:' }, 'server', 'server h: has a port that nobody can listen on'],
        [{ links: {}, server }, 'server', 'server would do nothing beside links'],
        [
          { links: {}, credentials: { token: 't' } },
          'credentials',
          'credentials would do nothing beside links',
        ],
      ] as const) {
        const error = await call({ name: 'a', ...options })
        expect(error).to.include({ code: 'invalid_options', address: `${where}.${option}`, mend: way })
        expect(error.message).to.equal(`${where}: ${message}`)
      }
    for (const [call, where] of [
      [connectWith, 'connect.credentials'],
      [startWith, 'startNode.credentials'],
    ] as const)
      for (const credentials of [{}, { user: 'u' }, { user: 'u', password: 5 }, { user: 'u', token: 't' }]) {
        const error = await call({ name: 'a', server, credentials })
        expect(error).to.include({ code: 'invalid_options', address: where })
        expect(error.message).to.equal(`${where}: neither a user with a password nor a token nor a file`)
      }
    expect(await connectWith({ server, notice: 'loud' })).to.include({
      code: 'invalid_options',
      address: 'connect.notice',
    })
    for (const way of [{ server }, { links: {} }])
      expect(await connectWith({ ...way, name: 'two words' })).to.include({ code: 'invalid_id' })
    for (const [options, message, mend] of [
      [{ roles: ['wroker'] }, 'there is no role "wroker"', 'known are manager, worker'],
      [
        { roles: 'worker' },
        'roles are no list of different roles',
        "write roles: ['manager', 'worker'], or one of them",
      ],
      [
        { roles: ['worker', 'worker'] },
        'roles are no list of different roles',
        "write roles: ['manager', 'worker'], or one of them",
      ],
      ...[false, null, 'loud', console].map(
        (logger) =>
          [
            { logger },
            'logger is neither a logger of pino nor a level',
            'levels are trace, debug, info, warn, error, fatal, silent',
          ] as const,
      ),
      [{ replicas: 2 }, 'there is no number of replicas 2', 'known are 1, 3'],
      [{ replicas: '3' }, 'there is no number of replicas "3"', 'known are 1, 3'],
    ] as const) {
      const error = await startWith({ name: 'a', server, ...options })
      expect(error).to.include({ code: 'invalid_options', address: 'startNode', mend })
      expect(error.message).to.equal(`startNode: ${message}`)
    }
    expect(await startWith({ server })).to.include({ code: 'invalid_id' })
  })

  it('is no workflow whose name another one has: the name is said', async () => {
    const world = new ClientWorld()
    const make = (name: string, version: string) => defineWorkflow({ name, version, run: () => 1 })
    const workflows = [make('one', '1'), make('two', '1'), make('two', '2')]
    const links = world.open('a')
    const error = await startWith({ name: 'a', cluster: 'test', links, workflows, logger: 'silent' })
    expect(error).to.include({
      code: 'invalid_options',
      address: 'two',
      message: 'two workflows are named two',
    })
    expect(error).to.have.property('mend', 'name one of them otherwise, or leave it out')
    await world.close()
  })

  it('is none where links are left undefined beside a server', async () => {
    for (const call of [connectWith, startWith])
      expect(await call({ name: 'a', server, links: undefined })).to.include({ code: 'unreachable' })
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
