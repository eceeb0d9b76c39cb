import { type CoveyError, createSubjects } from '@covey/protocol'
import type { Facts } from '@covey/transport'
import { expect } from 'chai'
import { KnownShards } from '../../packages/covey/src/client/known-shards.js'
import { ClientWorld, rejection } from './client-world.js'

type Found = Awaited<ReturnType<Facts['read']>>

describe('How many shards a client believes its cluster has', () => {
  let world: ClientWorld
  let found: Found
  let known: KnownShards
  beforeEach(() => {
    world = new ClientWorld()
    const { facts, control } = world.open('asks')
    known = new KnownShards({
      links: { facts: Object.assign(Object.create(facts), { read: async () => found }), control },
      ...{ subjects: createSubjects('test'), clock: world.clock, notice: () => undefined },
    })
  })
  afterEach(async () => {
    known.close(new Error('over') as CoveyError)
    await world.pass(1_000)
    await world.close()
  })

  it('is not known where the store does not answer, and the error says why it does not', async () => {
    found = { kind: 'unavailable', reason: 'JetStream is not enabled' }
    const error = await world.during(rejection(known.known(700)))
    expect(error).to.include({ code: 'no_leader' })
    expect(error.message).to.equal(
      'nothing said within the deadline how many shards cluster test has, and so who leads: ' +
        'the store does not say: JetStream is not enabled',
    )
    expect(error.cause).to.include({ code: 'unavailable' })
  })

  it('is not known where no manager has ever been there, whatever kept the store from answering before', async () => {
    found = { kind: 'unavailable', reason: 'an election' }
    const asked = rejection(known.known(2_000))
    await world.pass(1_000)
    found = { kind: 'absent' }
    const error = await world.during(asked)
    expect(error.message).to.equal(
      'no manager that leads cluster test has ever been there, within the deadline',
    )
    expect(error.cause).to.equal(undefined)
  })
})
