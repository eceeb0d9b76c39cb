import { type CommandsMessage, CoveyError, commandsMessage, limits } from '@covey/protocol'
import { seededRandom } from '@covey/transport'
import { expect } from 'chai'
import type { CancelFilter } from 'covey'
import { CommandQueue } from '../../packages/covey/src/client/command-queue.js'
import { createClient } from '../../packages/covey/src/client/create-client.js'
import type { Question } from '../../packages/covey/src/client/waiting-command.js'
import { ClientWorld, rejection } from './client-world.js'
import { accepting } from './scripted-leader.js'

describe('A cancel by a client', () => {
  let world: ClientWorld
  beforeEach(() => {
    world = new ClientWorld()
  })
  afterEach(() => world.close())

  it('by a filter is one command, and answers what its leader counted', async () => {
    const counts = { jobs: 2, cancelled: 3, cancelling: 1, already: 4 }
    const leader = world.leader((command) =>
      command.type === 'jobs.cancel'
        ? { type: 'swept', number: command.number, sequence: 7, ...counts }
        : accepting(command),
    )
    const client = await world.client()
    const filter: CancelFilter = { name: 'resize-*', state: ['queued', 'running'] }
    const answer = await world.during(client.cancelMatching(filter, { reason: 'enough', by: 'ops' }))
    expect(answer).to.deep.equal({ ...counts, shards: [{ shard: 0, sequence: 7 }], unheard: [] })
    expect(leader.commands.map(({ number, ...rest }) => rest)).to.deep.equal([
      { type: 'jobs.cancel', reason: 'enough (by ops)', filter },
    ])
  })

  it('says the name of its client where nobody else is named, on links that were open too', async () => {
    const leader = world.leader()
    const client = await world.client({ name: 'nightly' })
    await world.during(client.submit('double', 1, { id: 'j' }))
    await world.during(client.cancel('j', { reason: 'enough' }))
    expect(leader.commands.at(-1)).to.include({ type: 'job.cancel', reason: 'enough (by nightly)' })
  })

  it('by a filter that is none is refused with what is wrong, and nobody is asked', async () => {
    const leader = world.leader()
    const client = await world.client()
    const error = await rejection(client.cancelMatching({}))
    expect(error).to.include({ code: 'invalid_options' })
    expect(error).to.have.property('message').that.contains('say all where everything is meant')
    const wrong = { state: 'completed' } as unknown as CancelFilter
    expect(await rejection(client.cancelMatching(wrong))).to.have.property('code', 'invalid_options')
    expect(leader.frames).to.deep.equal([])
  })

  it('K45 by a filter says of each shard how far it is, and which was not heard; of none it rejects', async () => {
    const { clock } = world
    const client = createClient({
      ...{ links: world.open('several'), cluster: 'test', shards: 2, clock },
      ...{ random: { next: () => 0.5, id: () => 'several' }, notice: () => undefined },
    })
    const all = { all: true } as const
    const silence = await world.during(rejection(client.cancelMatching(all, { deadlineMs: 1_000 })))
    expect(silence).to.include({ code: 'no_leader' })
    world.leader()
    const { shards, unheard } = await world.during(client.cancelMatching(all, { deadlineMs: 1_000 }))
    expect(shards).to.deep.equal([{ shard: 0, sequence: 1 }])
    expect(unheard.map(({ shard, error }) => [shard, error.code])).to.deep.equal([[1, 'no_leader']])
    await client.close()
  })

  it('H7 ends at its deadline where no manager answers, and says so', async () => {
    const client = await world.client()
    const jobs = Array.from({ length: 100 }, (_, index) => `job-${index}`)
    const beganAtMs = world.clock.now()
    const errors = await world.during(
      Promise.all(jobs.map((job) => rejection(client.cancel(job, { deadlineMs: 3_000 })))),
    )
    expect(errors.every((error) => error instanceof CoveyError && error.code === 'no_leader')).to.equal(true)
    expect(errors.map((error) => (error as CoveyError).job)).to.deep.equal(jobs)
    expect(world.clock.now() - beganAtMs).to.be.within(3_000, 3_600)
    const { job, step, message } = (await world.during(
      rejection(client.cancel('j1/a', { deadlineMs: 1_000 })),
    )) as CoveyError
    expect([job, step]).to.deep.equal(['j1', 'a'])
    expect(message).to.match(/^j1\/a may have been cancelled: no manager/)
  })

  it('H7 finds room where the client has so many commands without an answer that it takes no more', async () => {
    const sent: CommandsMessage[] = []
    const { control } = world.open('busy')
    const request = (_subject: string, bytes: Uint8Array): Promise<never> => {
      // Only the first frame of a turn would be full of it: what matters comes last.
      if (bytes.byteLength < 1_000) sent.push(commandsMessage.decode(bytes))
      return new Promise(() => undefined)
    }
    const queue = new CommandQueue({
      ...{ bus: { ...control, request }, clock: world.clock, random: seededRandom(1) },
      ...{ shard: 0, subject: 'any', client: 'busy', onNewLeader: () => undefined },
    })
    const ask = (question: Question) => rejection(queue.ask(question, 1_000))
    const asked = Array.from({ length: limits.commandsWaitingMax }, () => ask({ type: 'status.get' }))
    expect(await ask({ type: 'status.get' })).to.have.property('code', 'overloaded')
    asked.push(ask({ type: 'job.cancel', job: 'job', reason: '' }))
    await world.pass(1)
    expect(sent.at(-1)?.commands).to.deep.include.members([
      { type: 'job.cancel', number: limits.commandsWaitingMax + 1, job: 'job', reason: '' },
    ])
    queue.close(new CoveyError('closed', 'closed'))
    await Promise.all(asked)
  })

  it('says who cancels by the name that the client was connected with, unless it is told', async () => {
    const leader = world.leader()
    const named = createClient({
      ...{ links: world.open('named'), cluster: 'test', shards: 1, clock: world.clock, name: 'nightly' },
      ...{ random: { next: () => 0.5, id: () => 'named' }, notice: () => undefined },
    })
    await world.during(named.cancel('a'))
    await world.during(named.cancel('b', { reason: 'enough', by: 'ops' }))
    await world.during((await world.client()).cancel('c', { reason: 'enough' }))
    const reasons = leader.commands.map((command) => ('reason' in command ? command.reason : undefined))
    expect(reasons).to.deep.equal(['by nightly', 'enough (by ops)', 'enough'])
    expect(await rejection(named.cancel('d', { by: 'x'.repeat(65) }))).to.have.property('code', 'too_large')
    await named.close()
  })
})
