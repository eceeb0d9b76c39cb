import type { Answer, Command } from '@covey/protocol'
import { expect } from 'chai'
import { connect } from 'covey'
import { ClientWorld, rejection } from './client-world.js'
import { accepting } from './scripted-leader.js'

const later = ({ number }: Command, afterMs: number): Answer => ({
  type: 'error',
  number,
  error: { code: 'overloaded', message: 'the manager that leads is overloaded' },
  afterMs,
})

describe('a client whose leader is loaded', () => {
  let world: ClientWorld

  beforeEach(() => {
    world = new ClientWorld()
  })
  afterEach(() => world.close())

  it('H19 comes again when it is told to, under the same number', async () => {
    let refusals = 2
    const askedAtMs: number[] = []
    const leader = world.leader((command) => {
      askedAtMs.push(world.clock.now())
      refusals -= 1
      return refusals < 0 ? accepting(command) : later(command, 1_000)
    })
    const client = await world.client()
    const job = await world.during(client.submit('work', 7, { id: 'j' }))
    expect(job.id).to.equal('j')
    expect(new Set(leader.commands.map(({ number }) => number)).size).to.equal(1)
    const waits = askedAtMs.slice(1).map((atMs, index) => atMs - (askedAtMs[index] ?? 0))
    expect(waits).to.have.length(2)
    for (const ms of waits) expect(ms).to.be.within(1_000, 1_510)
  })

  it('H19 fails with what the leader said where its deadline comes first, and waits for nothing in vain', async () => {
    world.leader((command) => later(command, 1_000))
    const client = await world.client()
    const startMs = world.clock.now()
    const error = await world.during(rejection(client.submit('work', 7, { deadlineMs: 1_500 })))
    expect(error).to.include({ code: 'overloaded', retryable: true })
    expect(world.clock.now() - startMs).to.be.within(1_000, 1_600)
  })

  it('H19 S-D2 sends nothing at its deadline: what its caller is told is refused is not done', async () => {
    let refusals = 20
    const leader = world.leader((command) => {
      refusals -= 1
      return refusals < 0 ? accepting(command) : later(command, 1_000)
    })
    const client = await world.client()
    const submitted = Array.from({ length: 20 }, (_, index) =>
      client.submit('work', index, { id: `j${index}`, deadlineMs: 1_100 }),
    )
    const ends = await world.during(Promise.allSettled(submitted))
    await world.pass(5_000)
    const taken = leader.commands
      .slice(20)
      .flatMap((command) => (command.type === 'job.submit' ? [command.job] : []))
    const refused = ends.flatMap((end, index) =>
      end.status === 'rejected' && end.reason.code === 'overloaded' ? [`j${index}`] : [],
    )
    expect(refused, 'else it shows nothing').to.have.length.within(2, 18)
    expect(taken).to.have.length(20 - refused.length)
    expect(taken.filter((job) => refused.includes(job))).to.deep.equal([])
  })

  it('H19 S-D2 says of what was sent again and not answered that it may be done, and not that it was refused', async () => {
    let isFirst = true
    const leader = world.leader((command) => {
      if (!isFirst) return undefined
      isFirst = false
      return later(command, 500)
    })
    const client = await world.client()
    const error = await world.during(rejection(client.submit('work', 7, { deadlineMs: 2_000 })))
    expect(leader.commands.length).to.be.greaterThan(1)
    expect(error).to.have.property('code', 'no_leader')
  })

  it('H19 says of what went out once that it may be done, also where its bus has no room for a repeat', async () => {
    const leader = world.leader(() => undefined)
    const links = world.open('crowded')
    for (const bus of [links.control, links.data]) {
      const request = bus.request.bind(bus)
      bus.request = async (...asked) =>
        leader.commands.length === 0 ? request(...asked) : { kind: 'overloaded' }
    }
    const client = await connect({ cluster: world.cluster, clock: world.clock, links })
    const error = await world.during(rejection(client.submit('work', 7, { deadlineMs: 5_000 })))
    expect(leader.commands).to.have.length(1)
    expect(error).to.have.property('code', 'no_leader')
    await client.close()
  })

  it('H19 S-D2 takes no refusal of a repeat for one of all: the first may run', async () => {
    const asked: Command[] = []
    world.leader((command) => (asked.push(command) === 1 ? undefined : later(command, 60_000)))
    const client = await world.client()
    const error = await world.during(rejection(client.submit('work', 7, { deadlineMs: 5_000 })))
    expect(asked).to.have.length(2)
    expect(error).to.have.property('code', 'no_leader')
    expect(error).to.have.nested.property('cause.code', 'overloaded')
  })

  it('H19 does not send what was held back past its deadline', async () => {
    const leader = world.leader((command) => (command.type === 'job.submit' ? undefined : accepting(command)))
    leader.credit = 1
    const client = await world.client()
    await world.during(client.status())
    const first = rejection(client.submit('work', 7, { id: 'first', deadlineMs: 1_050 }))
    const held = rejection(client.submit('work', 8, { id: 'held', deadlineMs: 1_049 }))
    expect(await world.during(first)).to.have.property('code', 'no_leader')
    expect(await world.during(held)).to.have.property('code', 'overloaded')
    await world.pass(2_000)
    expect(
      leader.commands.some((command) => command.type === 'job.submit' && command.job === 'held'),
    ).to.equal(false)
  })

  it('S-D2 comes again when it may, and says how long it would have to wait where its deadline comes first', async () => {
    let freeAtMs = 0
    const leader = world.leader((command) => {
      const nowMs = world.clock.now()
      const { number } = command
      if (command.type !== 'job.submit') return accepting(command)
      const waitMs = freeAtMs - nowMs
      const error = { code: 'rate_limited' as const, message: 'one client may submit once in 4 seconds' }
      if (waitMs > 0) return { type: 'error', number, error, afterMs: waitMs }
      freeAtMs = nowMs + 4_000
      return accepting(command)
    })
    const client = await world.client()
    await world.during(client.submit('work', 1, { id: 'first' }))
    const error = await world.during(rejection(client.submit('work', 2, { deadlineMs: 1_000 })))
    expect(error).to.include({ code: 'rate_limited', retryable: true })
    expect(error).to.have.property('retryAfterMs').that.is.within(3_900, 4_000)
    expect(await world.during(client.submit('work', 3, { id: 'third' }))).to.have.property('id', 'third')
    const asked = leader.commands.filter(
      (command) => command.type === 'job.submit' && command.job === 'third',
    )
    expect(asked, 'asked again when it was told to, and not before').to.have.length(2)
  })

  it('H19 has no more under way than it is given credit for; a cancel is held back by nothing', async () => {
    let isOpen = false
    const leader = world.leader((command) =>
      isOpen || command.type !== 'job.submit' ? accepting(command) : undefined,
    )
    leader.credit = 2
    const client = await world.client()
    await world.during(client.status())
    const submitted = Array.from({ length: 5 }, (_, index) => client.submit('work', 7, { id: `j${index}` }))
    await world.pass(500)
    const jobs = (): Set<string> =>
      new Set(leader.commands.flatMap((command) => (command.type === 'job.submit' ? [command.job] : [])))
    expect([...jobs()]).to.deep.equal(['j0', 'j1'])
    await world.during(client.cancel('j0'))
    isOpen = true
    await world.during(Promise.all(submitted))
    expect(jobs().size).to.equal(5)
  })

  it('H19 fails what was held back until its deadline, and lets all go when the leader is calm again', async () => {
    const leader = world.leader(({ type, ...command }) =>
      type === 'job.submit' ? undefined : accepting({ type, ...command } as Command),
    )
    leader.credit = 1
    const client = await world.client()
    await world.during(client.status())
    const first = client.submit('work', 7, { id: 'first' })
    const error = await world.during(rejection(client.submit('work', 8, { deadlineMs: 1_000 })))
    expect(error).to.have.property('code', 'overloaded')
    leader.script = accepting
    leader.credit = undefined
    await world.during(first)
    const all = Array.from({ length: 20 }, (_, index) => client.submit('work', index))
    await world.during(Promise.all(all))
    const before = leader.frames.length
    expect(before).to.be.lessThan(20)
  })
})
