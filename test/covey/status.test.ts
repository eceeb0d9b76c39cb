import type { Clock } from '@covey/transport'
import { expect } from 'chai'
import { createClient } from '../../packages/covey/src/client/create-client.js'
import { ClientWorld, rejection } from './client-world.js'

describe('The status of several shards', () => {
  let world: ClientWorld
  beforeEach(() => {
    world = new ClientWorld()
  })
  afterEach(() => world.close())

  /** A clock that throws where somebody looks at it again and again and waits for nothing. */
  const patient = (clock: Clock): Clock => {
    let looks = 0
    return {
      now() {
        looks += 1
        if (looks > 1_000) throw new Error('it goes round and round, and waits for nothing')
        return clock.now()
      },
      setTimeout: (callback, delayMs) => clock.setTimeout(callback, delayMs),
      clearTimeout: (handle) => clock.clearTimeout(handle),
    }
  }

  it('asks round after round while nobody leads, and ends at once when its client is closed', async () => {
    const clock = patient(world.clock)
    const client = createClient({
      ...{ links: world.open('several'), cluster: 'test', shards: 2, clock },
      ...{ random: { next: () => 0.5, id: () => 'several' }, notice: () => undefined },
    })
    let isOver = false
    const error = rejection(client.status()).finally(() => {
      isOver = true
    })
    await world.pass(5_000)
    expect(isOver).to.equal(false)
    await client.close()
    expect(await error).to.have.property('code', 'closed')
  })
})
