import { type Command, limits, shardsFact, type WorkflowView } from '@covey/protocol'
import { expect } from 'chai'
import type { Client } from 'covey'
import { createClient } from '../../packages/covey/src/client/create-client.js'
import { standIn } from '../harness/stand-in.js'
import { ClientWorld, rejection } from './client-world.js'
import { accepting, type Script } from './scripted-leader.js'

const viewOf = (id: string): WorkflowView => ({
  ...{ id, name: 'x', state: 'running', attempt: 1, token: null, node: null, error: null },
})

/** Answers with one workflow of three a page, and of one that has counted. */
const page: Script = (command) => {
  const { number } = command
  if (command.type === 'statistics.get') {
    const counted = [{ step: `s${command.after}`, token: '1.1.1.0', value: new Uint8Array() }]
    return { type: 'statistics', number, id: command.job, state: 'running', total: 3, counted }
  }
  if (command.type !== 'job.get') return accepting(command)
  const workflows = [viewOf(`${command.job}/s${command.after}`)]
  return { type: 'job', number, id: command.job, state: 'running', total: 3, ended: 0, workflows }
}

/** Has each question come again after a while, and then answers it. */
const slowly = (afterMs: number, then: Script): Script => {
  const heard = new Set<number>()
  return (command: Command) => {
    const { number } = command
    if (heard.has(number)) return then(command)
    heard.add(number)
    return { type: 'error', number, error: { code: 'overloaded', message: 'later' }, afterMs }
  }
}

describe('The deadline of a call', () => {
  let world: ClientWorld
  beforeEach(() => {
    world = new ClientWorld()
  })
  afterEach(() => world.close())

  /** How long a call takes to reject. */
  const tookMs = async (call: Promise<unknown>): Promise<number> => {
    const fromMs = world.clock.now()
    await world.during(rejection(call))
    return world.clock.now() - fromMs
  }

  for (const [what, call] of [
    ['job', (client: Client) => client.job('j', { deadlineMs: 1_500 })],
    ['statistics', (client: Client) => client.statistics('j', { deadlineMs: 1_500 })],
    ['restored', (client: Client) => client.restored({ deadlineMs: 900 })],
  ] as const) {
    it(`is that of all questions of ${what}, not of each`, async () => {
      world.leader(slowly(600, page))
      const ms = await tookMs(call(await world.client()))
      expect(ms).to.be.at.most(1_510)
    })
  }

  it('is that of a submit, not of each of its chunks, and nothing is submitted after it', async () => {
    const leader = world.leader(slowly(600, accepting))
    const client = await world.client()
    const submit = client.submitJob(jobOf(10), { deadlineMs: 1_500 })
    expect(await tookMs(submit)).to.be.at.most(1_510)
    // What was in the air is heard.
    await world.pass(10)
    const before = leader.commands.length
    await world.pass(10_000)
    expect(leader.commands.length).to.equal(before)
  })

  it('begins with the call where it is not known yet how many shards there are', async () => {
    const leader = world.leader()
    leader.isSilent = true
    const { shards: _, ...links } = standIn(world.open('unknowing'), {})
    const client = createClient({
      ...{ links, cluster: 'test', clock: world.clock, notice: () => undefined },
      random: { next: () => 0.5, id: () => 'unknowing-0123456' },
    })
    const within = { deadlineMs: 1_000 }
    const calls = [
      ...[client.summary('j', within), client.cancelMatching({ all: true }, within)],
      ...[client.status(within), client.restored(within)],
    ]
    const fromMs = world.clock.now()
    const told = Promise.all(calls.map(rejection))
    await world.pass(700)
    void world.open('founder').facts.create('covey.test.agreed.shards', shardsFact.encode({ shards: 1 }))
    for (const error of await world.during(told)) expect(error).to.have.property('code', 'no_leader')
    expect(leader.commands.map(({ type }) => type)).to.include.members([
      'job.get',
      'jobs.cancel',
      'status.get',
    ])
    expect(world.clock.now() - fromMs).to.be.at.most(1_010)
    await client.close()
  })
})

const jobOf = (chunks: number) => ({
  id: 'large',
  workflows: Object.fromEntries(
    Array.from({ length: chunks * limits.workflowsPerChunkMax }, (_, index) => [`s${index}`, { name: 'x' }]),
  ),
})

describe('A job of several chunks', () => {
  it('is submitted no further where one of them is refused', async () => {
    const world = new ClientWorld()
    const leader = world.leader((command) => {
      const isRefused = command.type === 'job.submit' && command.chunk.index === 1
      const error = { code: 'id_conflict', message: 'the id is taken' } as const
      return isRefused ? { type: 'error', number: command.number, error } : accepting(command)
    })
    const client = await world.client()
    const error = await world.during(rejection(client.submitJob(jobOf(20))))
    expect(error).to.have.property('code', 'id_conflict')
    await world.pass(10)
    const sent = leader.commands.length
    expect(sent).to.be.at.most(2 * limits.chunksInFlightMax)
    await world.pass(5_000)
    expect(leader.commands.length).to.equal(sent)
    await world.close()
  })
})
