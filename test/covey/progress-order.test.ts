import { createSubjects, limits, packValue, progressMessage } from '@covey/protocol'
import { expect } from 'chai'
import type { Client, Progress } from 'covey'
import { ClientWorld } from './client-world.js'

describe('Progress as a client hears it', () => {
  let world: ClientWorld
  let client: Client
  let heard: Progress[]
  const subjects = createSubjects('test')

  beforeEach(async () => {
    world = new ClientWorld()
    client = await world.client()
    heard = []
  })
  afterEach(() => world.close())

  const saying = () => {
    const { data: bus } = world.open('worker')
    return (workflow: string, token: string, number: number): boolean =>
      bus.publish(
        subjects.progress(0, workflow),
        progressMessage.encode({ workflow, token, number, value: packValue(number) }),
      )
  }
  const told = (): string[] => heard.map(({ workflow, token, value }) => `${workflow} ${token} ${value}`)

  it('only grows: what is repeated, overtaken or of an older attempt is not told', async () => {
    const following = client.progress('j').subscribe((progress) => heard.push(progress))
    const say = saying()
    await world.pass(10)
    for (const [token, number] of [
      ...[
        ['1.1.9.0', 1],
        ['1.1.9.0', 3],
        ['1.1.9.0', 2],
        ['1.1.9.0', 3],
      ],
      ...[
        ['1.1.10.0', 1],
        ['1.1.9.0', 4],
        ['1.1.10.0', 1],
        ['1.1.10.0', 2],
      ],
    ] as [string, number][])
      say('j/a', token, number)
    say('j/b', '1.1.8.0', 1)
    await world.pass(20)
    expect(told()).to.deep.equal([
      'j/a 1.1.9.0 1',
      'j/a 1.1.9.0 3',
      'j/a 1.1.10.0 1',
      'j/a 1.1.10.0 2',
      'j/b 1.1.8.0 1',
    ])
    following.unsubscribe()
  })

  it('is remembered of so many workflows, those that spoke last', async () => {
    const following = client.progress('j').subscribe((progress) => heard.push(progress))
    const say = saying()
    await world.pass(10)
    for (let index = 0; index <= limits.progressWorkflowsMax; index += 1) say(`j/s${index}`, '1.1.1.0', 1)
    await world.pass(20)
    heard = []
    say(`j/s${limits.progressWorkflowsMax}`, '1.1.1.0', 1)
    say('j/s0', '1.1.1.0', 1)
    await world.pass(20)
    expect(told()).to.deep.equal(['j/s0 1.1.1.0 1'])
    following.unsubscribe()
  })
})
