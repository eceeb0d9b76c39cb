import { type Answer, type Command, limits } from '@covey/protocol'
import { expect } from 'chai'
import { defineWorkflow } from 'covey'
import { ClientWorld, rejection } from './client-world.js'
import { accepting, registering, type ScriptedLeader } from './scripted-leader.js'

const tooOld = ({ number }: Command): Answer => ({
  type: 'error',
  number,
  error: { code: 'too_old', message: 'it may have run' },
})

const double = defineWorkflow({ name: 'double', version: '1', run: async () => 2 })

describe('Submitting', () => {
  let world: ClientWorld
  beforeEach(() => {
    world = new ClientWorld()
  })
  afterEach(() => world.close())

  it('the same content under one id is one job, whatever the order of keys', async () => {
    world.leader(registering())
    const client = await world.client()
    const first = await world.during(client.submit(double, { a: 1, b: { c: 2, d: 3 } }, { id: 'j1' }))
    const again = await world.during(client.submit('double', { b: { d: 3, c: 2 }, a: 1 }, { id: 'j1' }))
    expect([first.id, first.again]).to.deep.equal(['j1', false])
    expect([again.id, again.again]).to.deep.equal(['j1', true])
  })

  const others: Record<string, readonly [one: unknown, other: unknown]> = {
    'short content': [1, 2],
    'content as long as what stands for itself': ['x'.repeat(15), 'x'.repeat(16)],
    'long content': ['x'.repeat(1_000), `${'x'.repeat(999)}y`],
  }
  for (const [what, [one, other]] of Object.entries(others)) {
    it(`other content under a taken id is an id_conflict: ${what}`, async () => {
      const leader = world.leader(registering())
      const client = await world.client()
      await world.during(client.submit(double, one, { id: 'j1' }))
      expect((await world.during(client.submit(double, one, { id: 'j1' }))).again).to.equal(true)
      const error = await world.during(rejection(client.submit(double, other, { id: 'j1' })))
      expect(error).to.have.property('code', 'id_conflict')
      const digests = leader.commands.flatMap((command) =>
        command.type === 'job.submit' ? command.digest : [],
      )
      expect(Math.max(...digests.map(({ length }) => length))).to.be.at.most(64)
    })
  }

  it('sends all commands of one turn in one frame', async () => {
    const leader = world.leader()
    const client = await world.client()
    await world.during(Promise.all(Array.from({ length: 256 }, (_, index) => client.submit(double, index))))
    expect(leader.frames.map(({ commands }) => commands.length)).to.deep.equal([256])
  })

  it('cuts frames by count and by bytes', async () => {
    const leader = world.leader()
    const client = await world.client()
    const text = 'x'.repeat(200 * 1_024)
    const many = Array.from({ length: limits.commandsPerMessageMax + 1 }, () => client.status())
    await world.during(Promise.all([...many, ...[1, 2, 3].map(() => client.submit(double, text))]))
    expect(leader.frames.map(({ commands }) => commands.length)).to.deep.equal([512, 3, 1])
  })

  it('H24 concurrent submissions of several clients are all accepted under unique ids', async () => {
    const jobs = new Map<string, string>()
    world.leader(registering(jobs))
    const clients = await Promise.all([world.client(), world.client(), world.client()])
    const submitted = clients.flatMap((client) =>
      Array.from({ length: 100 }, (_, index) => client.submit(double, index)),
    )
    const handles = await world.during(Promise.all(submitted))
    expect(new Set(handles.map(({ id }) => id)).size).to.equal(300)
    expect(handles.every(({ id, again }) => jobs.has(id) && !again)).to.equal(true)
  })

  it('K24 repeats a command under the same client and number while the leader is silent', async () => {
    const leader = world.leader()
    leader.isSilent = true
    const client = await world.client()
    const submitted = client.submit(double, 7, { id: 'j1' })
    await world.pass(4_000)
    leader.isSilent = false
    await world.during(submitted)
    const said = leader.frames.map((frame) => JSON.stringify(frame))
    expect(said.length).to.be.greaterThan(2)
    expect(new Set(said).size).to.equal(1)
  })

  it('K25 says with a submit how far the log went when it was sent first, and the same at each repetition', async () => {
    const leader = world.leader()
    const client = await world.client()
    await world.during(client.status())
    leader.isSilent = true
    const submitted = client.submit(double, 7, { id: 'j1' })
    await world.pass(2_000)
    leader.sequence = 50
    leader.isSilent = false
    await world.during(submitted)
    const since = leader.commands.flatMap((command) => (command.type === 'job.submit' ? [command.since] : []))
    expect(since.length).to.be.greaterThan(1)
    expect(new Set(since)).to.deep.equal(new Set([1]))
  })

  it('K25 a first submit, which could not say it yet, is sent again with what its refusal told', async () => {
    const leader = world.leader((command) => {
      const isDated = command.type === 'job.submit' && command.since !== undefined
      return isDated ? accepting(command) : tooOld(command)
    })
    leader.sequence = 40
    const client = await world.client()
    expect(await world.during(client.submit(double, 7, { id: 'j1' }))).to.include({ id: 'j1', again: false })
    const since = leader.commands.flatMap((command) => (command.type === 'job.submit' ? [command.since] : []))
    expect(since).to.deep.equal([undefined, 40])
    leader.script = tooOld
    const error = await world.during(rejection(client.submit(double, 8, { id: 'j2' })))
    expect(error).to.include({ code: 'too_old', retryable: false })
  })

  /** Refuses submits whose client has heard of nothing since entry 400. */
  const horizon = (command: Command): Answer | undefined =>
    command.type === 'job.submit' && (command.since ?? 0) < 400 ? tooOld(command) : accepting(command)
  const sinceOf = (leader: ScriptedLeader) =>
    leader.commands.flatMap((command) => (command.type === 'job.submit' ? [command.since] : []))

  it('K25 a submit that went out once is sent again with news, where its client has long heard of nothing', async () => {
    const leader = world.leader(horizon)
    const client = await world.client()
    await world.during(client.status())
    leader.sequence = 500
    expect(await world.during(client.submit(double, 7, { id: 'j1' }))).to.include({ id: 'j1', again: false })
    expect(sinceOf(leader)).to.deep.equal([1, 500])
  })

  it('K25 a submit that may have run when its answer was lost says what it said at first, and is refused for good', async () => {
    const leader = world.leader(horizon)
    leader.sequence = 500
    leader.isSilent = true
    const client = await world.client()
    const submitted = rejection(client.submit(double, 7, { id: 'j1' }))
    await world.pass(500)
    expect(leader.frames).to.have.lengthOf(1)
    leader.isSilent = false
    expect(await world.during(submitted)).to.include({ code: 'too_old', retryable: false })
    expect(sinceOf(leader)).to.deep.equal([undefined, undefined])
  })

  it('K25 a submit that found nobody, or was told to come again, has not run', async () => {
    const client = await world.client()
    const submitted = client.submit(double, 7, { id: 'j1' })
    await world.pass(2_000)
    let isBusy = true
    const leader = world.leader((command) => {
      if (!isBusy) return horizon(command)
      isBusy = false
      const error = { code: 'overloaded', message: 'come again' } as const
      return { type: 'error', number: command.number, error, afterMs: 50 }
    })
    leader.sequence = 500
    expect(await world.during(submitted)).to.include({ id: 'j1', again: false })
    expect(sinceOf(leader)).to.deep.equal([undefined, undefined, 500])
  })

  it('K23 asks on while nobody leads, and tells no_leader at the deadline', async () => {
    const client = await world.client()
    const startMs = world.clock.now()
    const error = await world.during(rejection(client.submit(double, 7, { deadlineMs: 5_000 })))
    expect(error).to.include({ code: 'no_leader', retryable: true })
    expect(world.clock.now() - startMs).to.be.within(5_000, 5_100)
  })

  it('K24 a submit that was taken and not answered is no_leader; the same call again is the same job, and says so', async () => {
    const take = registering()
    let isMute = true
    world.leader((command) => {
      const answer = take(command)
      return isMute ? undefined : answer
    })
    const client = await world.client()
    const submit = () => client.submit(double, 1, { id: 'j1', deadlineMs: 1_000 })
    expect(await world.during(rejection(submit()))).to.have.property('code', 'no_leader')
    isMute = false
    expect(await world.during(submit())).to.include({ id: 'j1', again: true })
  })

  it('tells unreachable at the deadline while the broker is gone, and goes on when it comes back', async () => {
    world.leader()
    const client = await world.client()
    await world.pass(10)
    world.broker.stop()
    const lost = rejection(client.submit(double, 7, { deadlineMs: 2_000 }))
    const kept = client.submit(double, 7, { id: 'kept' })
    expect(await world.during(lost)).to.have.property('code', 'unreachable')
    world.broker.start()
    expect(await world.during(kept)).to.include({ id: 'kept' })
  })

  it('asks again for a command that the reply leaves out', async () => {
    let left = 2
    const leader = world.leader((command) => {
      left -= 1
      return left < 0 ? accepting(command) : undefined
    })
    const client = await world.client()
    await world.during(client.submit(double, 7))
    expect(leader.frames).to.have.lengthOf(3)
  })

  it('rejects everything that waits when it is closed', async () => {
    const client = await world.client()
    const submitted = rejection(client.submit(double, 7))
    const result = rejection(client.result('j1'))
    await client.close()
    expect(await submitted).to.have.property('code', 'closed')
    expect(await result).to.have.property('code', 'closed')
    expect(await rejection(client.status())).to.have.property('code', 'closed')
  })
})
