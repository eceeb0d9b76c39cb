import { limits, shardsFact } from '@covey/protocol'
import type { Clock } from '@covey/transport'
import { expect } from 'chai'
import { type Client, connect, orderLeave } from 'covey'
import { createClient } from '../../packages/covey/src/client/create-client.js'
import { ClientWorld, rejection } from './client-world.js'
import type { ScriptedLeader } from './scripted-leader.js'

/** A clock whose timers are no longer than those of Node. */
const machineLike = (clock: Clock): Clock => ({
  now: () => clock.now(),
  setTimeout(callback, delayMs) {
    if (!(delayMs <= limits.deadlineMsMax)) throw new RangeError(`a timer of ${delayMs} ms`)
    return clock.setTimeout(callback, delayMs)
  },
  clearTimeout: (handle) => clock.clearTimeout(handle),
})

describe('A deadline', () => {
  let world: ClientWorld
  let leader: ScriptedLeader
  let client: Client
  beforeEach(async () => {
    world = new ClientWorld()
    leader = world.leader()
    client = await world.client()
  })
  afterEach(() => world.close())

  /** A client that has to be told how many shards there are. */
  const stranger = (): Client => {
    const { shards: _, ...links } = world.open('stranger')
    return createClient({
      ...{ links, cluster: world.cluster, clock: machineLike(world.clock), notice: () => undefined },
      random: { next: () => 0.5, id: () => 'stranger-0123456789' },
    })
  }
  const saysShards = (): void => {
    const { facts } = world.open('founder')
    void facts.create(`covey.${world.cluster}.agreed.shards`, shardsFact.encode({ shards: 1 }))
  }

  const calls: Readonly<
    Record<string, (client: Client, options: { deadlineMs: number }) => Promise<unknown>>
  > = {
    submit: (client, options) => client.submit('double', 1, options),
    submitJob: (client, options) => client.submitJob({ workflows: { a: { name: 'x' } } }, options),
    result: (client, options) => client.result('j', options),
    ended: (client, options) => client.ended('j', options),
    'ended of a handle': (client, options) => client.handle('j').ended(options),
    'result of a handle': (client, options) => client.handle('j').result('a', options),
    'statistics of a handle': (client, options) => client.handle('j').statistics(options),
    job: (client, options) => client.job('j', options),
    summary: (client, options) => client.summary('j', options),
    statistics: (client, options) => client.statistics('j', options),
    cancel: (client, options) => client.cancel('j', options),
    cancelMatching: (client, options) => client.cancelMatching({ all: true }, options),
    status: (client, options) => client.status(options),
    restored: (client, options) => client.restored(options),
    leave: (client, options) => client.leave('n', options),
    evict: (client, options) => client.evict('n', options),
    readmit: (client, options) => client.readmit('n', options),
  }
  for (const [what, call] of Object.entries(calls))
    it(`is refused by ${what} where it is no time to wait, and nothing is sent`, async () => {
      for (const none of [Number.NaN, 0, -1, Number.POSITIVE_INFINITY, '5', null]) {
        const error = await rejection(call(client, { deadlineMs: none as number }))
        expect(error).to.include({ code: 'invalid_options', address: 'deadlineMs' })
        expect(error.message).to.equal(`deadlineMs is ${none}: no time to wait`)
      }
      await world.pass(1_000)
      expect(leader.frames).to.have.lengthOf(0)
    })

  it('is refused by connect and by a result that is there already', async () => {
    const links = world.open('refused')
    expect(await rejection(connect({ links, cluster: 'test', deadlineMs: Number.NaN }))).to.include({
      code: 'invalid_options',
    })
    const job = await world.during(client.submit('double', 1, { id: 'j1' }))
    const error = await rejection(job.result({ deadlineMs: Number.NaN }))
    expect(error).to.include({ code: 'invalid_options' })
  })

  it('is refused by an order to leave', async () => {
    const order = { links: world.open('orders'), cluster: 'test', node: 'n', generation: 1 } as const
    const error = await rejection(orderLeave({ ...order, reason: 'maintenance', deadlineMs: Number.NaN }))
    expect(error).to.include({ code: 'invalid_options' })
  })

  it('may be longer than a timer, also in the first call of a client', async () => {
    const first = stranger()
    const asked = first.status({ deadlineMs: 2 ** 40 })
    await world.pass(60_000)
    saysShards()
    expect(await world.during(asked)).to.include({ cluster: 'test' })
    await first.close()
  })
})
