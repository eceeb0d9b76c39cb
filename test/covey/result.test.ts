import { type Answer, type Command, packValue } from '@covey/protocol'
import { expect } from 'chai'
import { ClientWorld, rejection } from './client-world.js'
import { accepting, type ScriptedLeader } from './scripted-leader.js'

const completed = (id: string, value: unknown) => ({
  id,
  state: 'completed',
  ended: true,
  result: packValue(value),
})

/** Answers questions for results from a table, everything else by accepting it. */
const knowing =
  (outcomes: Readonly<Record<string, object>>) =>
  (command: Command): Answer | undefined => {
    const outcome = command.type === 'result.get' ? outcomes[command.workflow] : undefined
    return outcome === undefined
      ? accepting(command)
      : ({ type: 'outcome', number: command.number, outcome } as Answer)
  }

const inboxOf = (leader: ScriptedLeader): string => {
  const [submit] = leader.commands
  return submit?.type === 'job.submit' && submit.notify !== undefined
    ? submit.notify
    : expect.fail('no inbox')
}

describe('Results', () => {
  let world: ClientWorld
  beforeEach(() => {
    world = new ClientWorld()
  })
  afterEach(() => world.close())

  it('come by push, and nobody asks', async () => {
    const leader = world.leader()
    const client = await world.client()
    const job = await world.during(client.submit('double', 21, { id: 'j1' }))
    const results = Promise.all([job.result(), job.result(), client.result('j1/main')])
    leader.push(inboxOf(leader), completed('j1/main', { value: 42 }))
    const [first, second, third] = await world.during(results)
    expect(first).to.deep.equal({ value: 42 })
    expect([second, third]).to.deep.equal([first, first])
    expect(second).to.equal(first)
    expect(leader.commands.map(({ type }) => type)).to.deep.equal(['job.submit'])
  })

  it('are kept when the push comes before the answer to the submit', async () => {
    const leader = world.leader((command) => {
      if (command.type === 'job.submit') leader.push(inboxOf(leader), completed('j1/main', 1))
      return accepting(command)
    })
    leader.isSilent = false
    const client = await world.client()
    const job = await world.during(client.submit('double', 21, { id: 'j1' }))
    await world.pass(100)
    expect(await world.during(job.result())).to.equal(1)
    expect(leader.frames).to.have.lengthOf(1)
  })

  it('come from a handle whose functions are taken out of it', async () => {
    const leader = world.leader()
    const client = await world.client()
    const { id, result, cancel, ended } = await world.during(client.submit('double', 21, { id: 'j1' }))
    leader.script = knowing({ 'j1/main': completed('j1/main', 42) })
    expect(await world.during(result())).to.equal(42)
    await world.during(Promise.allSettled([cancel(), ended({ deadlineMs: 100 })]))
    const asked = leader.commands.filter((command) => 'job' in command && command.job === id)
    expect(asked.map(({ type }) => type)).to.include.members(['job.submit', 'job.cancel', 'job.get'])
  })

  it('K42 come by asking again when the push is lost', async () => {
    const leader = world.leader()
    const client = await world.client()
    const job = await world.during(client.submit('double', 21, { id: 'j1' }))
    const result = job.result()
    leader.script = knowing({ 'j1/main': completed('j1/main', 42) })
    const startMs = world.clock.now()
    expect(await world.during(result)).to.equal(42)
    expect(world.clock.now() - startMs).to.be.within(950, 1_500)
  })

  it('K42 are asked for in one frame, and only without news for over a second', async () => {
    const leader = world.leader()
    const client = await world.client()
    const jobs = await world.during(Promise.all([1, 2, 3].map((input) => client.submit('double', input))))
    const results = jobs.map((job) => rejection(job.result({ deadlineMs: 2_500 })))
    await world.pass(900)
    expect(leader.frames).to.have.lengthOf(1)
    await world.pass(500)
    expect(leader.frames.map(({ commands }) => commands.length)).to.deep.equal([3, 3])
    const codes = (await world.during(Promise.all(results))).map(({ code }) => code)
    expect(codes).to.deep.equal(['deadline', 'deadline', 'deadline'])
  })

  it('K17 are asked for soon when a new leader, which owes no push, has answered', async () => {
    const leader = world.leader()
    const client = await world.client()
    const job = await world.during(client.submit('double', 1, { id: 'j1' }))
    const result = job.result()
    await world.pass(20_000)
    leader.script = knowing({ 'j1/main': completed('j1/main', 2) })
    leader.epoch = 2
    await world.during(client.status())
    const startMs = world.clock.now()
    expect(await world.during(result)).to.equal(2)
    expect(world.clock.now() - startMs).to.be.below(300)
  })

  it('reject with the error that the workflow ended by', async () => {
    const error = { code: 'workflow_failed', message: 'no such picture', address: 'a/main' }
    world.leader(
      knowing({
        'a/main': { id: 'a/main', state: 'failed', ended: true, error },
        'b/main': { id: 'b/main', state: 'cancelled', ended: true },
        'c/one': { id: 'c/one', state: 'skipped', ended: true },
      }),
    )
    const client = await world.client()
    const errors = await world.during(
      Promise.all(['a', 'b', 'c/one'].map((id) => rejection(client.result(id)))),
    )
    expect(errors.map(({ code }) => code)).to.deep.equal([
      'workflow_failed',
      'workflow_cancelled',
      'workflow_skipped',
    ])
    expect(errors[0]?.message).to.equal('a/main: no such picture')
  })

  it('reject not_found for an id that nobody knows, and invalid_id for one that nobody can', async () => {
    world.leader(({ number }) => ({ type: 'error', number, error: { code: 'not_found', message: 'no job' } }))
    const client = await world.client()
    expect(await world.during(rejection(client.result('none')))).to.have.property('code', 'not_found')
    expect(await rejection(client.result('no such id'))).to.have.property('code', 'invalid_id')
    // A step has a result, and no end of its own.
    expect(await rejection(client.ended('job/step'))).to.have.property('code', 'invalid_id')
  })

  it('are asked for through an outage of the leader that is longer than any deadline of a command', async () => {
    const leader = world.leader()
    const client = await world.client()
    const job = await world.during(client.submit('double', 1, { id: 'j1' }))
    const result = job.result()
    leader.isSilent = true
    await world.pass(120_000)
    leader.isSilent = false
    leader.script = knowing({ 'j1/main': completed('j1/main', 2) })
    expect(await world.during(result)).to.equal(2)
  })

  it('leave nothing behind: no timer runs once all have come', async () => {
    const leader = world.leader()
    const client = await world.client()
    const job = await world.during(client.submit('double', 1, { id: 'j1' }))
    leader.push(inboxOf(leader), completed('j1/main', 1))
    await world.during(job.result())
    await world.pass(1_000)
    expect(world.clock.size).to.equal(0)
  })

  it('of a job that nobody awaits are forgotten, and found again by id', async () => {
    const leader = world.leader()
    const client = await world.client()
    const job = await world.during(client.submit('double', 1, { id: 'j1' }))
    await world.pass(70_000)
    expect(world.clock.size).to.equal(0)
    expect(leader.frames).to.have.lengthOf(1)
    leader.script = knowing({ 'j1/main': completed('j1/main', 2) })
    expect(await world.during(job.result())).to.equal(2)
  })
})
