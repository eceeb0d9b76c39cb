import { once } from 'node:events'
import { createServer } from 'node:http'
import { httpPort } from '@covey/transport'
import { expect } from 'chai'

const place = { what: 'a page', host: '127.0.0.1', port: 0 }

describe('A server that listens', () => {
  it('tells its owner of every error that comes later', async () => {
    const server = createServer()
    const heard: Error[] = []
    await httpPort(server, { ...place, onError: (error) => heard.push(error) })
    const errors = [new Error('first'), new Error('second')]
    for (const error of errors) server.emit('error', error)
    expect(heard).to.deep.equal(errors)
    await once(server.close(), 'close')
  })

  it('swallows no error where its owner does not listen', async () => {
    const server = createServer()
    await httpPort(server, place)
    expect(() => server.emit('error', new Error('late'))).to.throw('late')
    await once(server.close(), 'close')
  })
})
