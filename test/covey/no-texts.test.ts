import { expect } from 'chai'
import { ClientWorld, rejection } from './client-world.js'

/** As a program without types passes it, where a variable is not set. */
const none = [undefined, null, 5, {}] as unknown as string[]

describe('What is no text', () => {
  it('names no job and no node: the call is refused at once, and nothing is sent', async () => {
    const world = new ClientWorld()
    const leader = world.leader()
    const client = await world.client()
    for (const id of none)
      for (const call of [
        () => client.cancel(id),
        () => client.result(id),
        () => client.ended(id),
        () => client.job(id),
        () => client.leave(id),
        () => client.evict(id),
        () => client.readmit(id),
      ])
        expect(await rejection(call()), `${String(call)} of ${String(id)}`).to.include({ code: 'invalid_id' })
    await world.pass(1_000)
    expect(leader.frames).to.have.lengthOf(0)
    await world.close()
  })

  it('is no machine of a filter', async () => {
    const world = new ClientWorld()
    const client = await world.client()
    for (const kind of [null, 5, {}, ['job', 5]] as unknown as 'job'[])
      expect(() => client.transitions({ kind }))
        .to.throw('the filter: kind is no text')
        .and.include({ code: 'invalid_options' })
    await world.close()
  })
})
