import { expect } from 'chai'
import { ClientWorld, rejection } from './client-world.js'

const circle: { deep: unknown[] } = { deep: [] }
circle.deep.push(circle)

describe('An input that would arrive as something else', () => {
  let world: ClientWorld
  beforeEach(() => {
    world = new ClientWorld()
  })
  afterEach(() => world.close())

  const refused = [
    ['a Map', { by: [new Map()] }, 'a Map at by.0 is no plain data', 'pass Object.fromEntries'],
    ['a function', { onEnd: () => 1 }, 'a function at onEnd is no plain data', 'leave it out'],
    ['itself', circle, 'a value within itself at deep.0 is no plain data', 'such as by an id'],
  ] as const
  for (const [what, input, text, mend] of refused) {
    it(`is refused at the door with its step, its place and what to do, and nothing is sent: ${what}`, async () => {
      const leader = world.leader()
      const client = await world.client()
      const alone = await rejection(client.submit('work', input, { id: 'j1' }))
      expect(alone).to.include({ code: 'invalid_job', address: 'j1/main' })
      expect(alone.message).to.equal(`the input of j1/main cannot be packed: ${text}`)
      expect(alone).to.have.property('mend').that.includes(mend)
      const workflows = { one: { name: 'work' }, two: { name: 'work', input } }
      const among = await rejection(client.submitJob({ id: 'j2', workflows }))
      expect(among).to.include({ code: 'invalid_job', address: 'j2/two' })
      await world.pass(100)
      expect(leader.frames).to.deep.equal([])
    })
  }
})
