import { createSubjects } from '@covey/protocol'
import { expect } from 'chai'
import { ClientWorld, rejection } from './client-world.js'

describe('A call on a subject that the broker denies', () => {
  const subject = createSubjects('test').command(0)
  let world: ClientWorld
  let isGiven: boolean

  beforeEach(() => {
    isGiven = false
    world = new ClientWorld(1, (name, said) => isGiven || said !== subject || !name.startsWith('client'))
  })
  afterEach(() => world.close())

  it('ends at once with the subject, and is answered once the right is given', async () => {
    world.leader()
    const client = await world.client()
    const calledAtMs = world.clock.now()
    const calls = [client.submit('echo', 1, { id: 'a' }), client.cancel('b'), client.status()]
    for (const error of await world.during(Promise.all(calls.map(rejection)))) {
      expect(error).to.include({ code: 'permission_denied', address: subject })
      expect(error.message).to.include('does not let these credentials publish').and.not.include('may have')
    }
    expect(world.clock.now() - calledAtMs).to.be.at.most(10)
    isGiven = true
    expect((await world.during(client.submit('echo', 1, { id: 'a' }))).id).to.equal('a')
  })
})
