import { type CommandOf, limits } from '@covey/protocol'
import { expect } from 'chai'
import { defineWorkflow, type StepSpec } from 'covey'
import { ClientWorld, rejection } from './client-world.js'
import { accepting, registering, type ScriptedLeader } from './scripted-leader.js'

const count = defineWorkflow({ name: 'count', version: '1', run: async () => 7 })

const submits = (leader: ScriptedLeader): CommandOf<'job.submit'>[] =>
  leader.commands.filter((command) => command.type === 'job.submit')

describe('A job of several steps', () => {
  let world: ClientWorld
  beforeEach(() => {
    world = new ClientWorld()
  })
  afterEach(() => world.close())

  it('may be a diamond', async () => {
    const leader = world.leader()
    const client = await world.client()
    const workflows = {
      a: { workflow: count },
      b: { workflow: count, after: ['a'] },
      c: { name: 'count', after: ['a'] },
      d: { workflow: count, after: ['c', 'b', 'c'] },
    } as const
    const job = await world.during(client.submitJob({ id: 'diamond', workflows }))
    expect(job.id).to.equal('diamond')
    expect(submits(leader)[0]?.workflows.map(({ step, name, after }) => [step, name, after])).to.deep.equal([
      ['a', 'count', []],
      ['b', 'count', ['a']],
      ['c', 'count', ['a']],
      ['d', 'count', ['b', 'c']],
    ])
  })

  const refused: Record<string, [workflows: Record<string, StepSpec>, code: string, message: RegExp]> = {
    'has a cycle': [
      { a: { name: 'x', after: ['c'] }, b: { name: 'x', after: ['a'] }, c: { name: 'x', after: ['b'] } },
      'invalid_job',
      /circle/,
    ],
    'has a step by whose name no result can be found': [
      Object.fromEntries([['__proto__', { name: 'x' }]]),
      'invalid_id',
      /__proto__/,
    ],
    'waits for itself': [{ a: { name: 'x', after: ['a'] } }, 'invalid_job', /circle/],
    'waits for an unknown step': [{ a: { name: 'x', after: ['z'] } }, 'invalid_job', /depends on z/],
    'has no step': [{}, 'invalid_job', /no step/],
    'has a step without a workflow': [{ a: { input: 1 } }, 'invalid_job', /which workflow/],
    'runs what no workflow can be named': [{ a: { name: 'b c' } }, 'invalid_job', /runs "b c", which/],
    'has a step with two workflows': [{ a: { workflow: count, name: 'x' } }, 'invalid_job', /which workflow/],
    'has a step that is no id': [{ 'a b': { name: 'x' } }, 'invalid_id', /a b/],
    'has a step that misspells what it waits for': [
      { a: { name: 'x' }, b: { name: 'x', afer: ['a'] } as StepSpec },
      'invalid_job',
      /^\S+\/b: there is no option "afer"$/,
    ],
    'waits for a text in place of a list': [
      { a: { name: 'x' }, b: { name: 'x', after: 'a' as unknown as string[] } },
      'invalid_job',
      /^\S+\/b: after is no list of steps$/,
    ],
    'has no steps at all': [
      undefined as unknown as Record<string, StepSpec>,
      'invalid_job',
      /has no workflows$/,
    ],
    'has an input over the limit': [
      { a: { name: 'x', input: 'x'.repeat(limits.inlineBytesMax) } },
      'too_large',
      /262149 bytes, the limit is 262144/,
    ],
    'has an input that cannot be packed': [{ a: { name: 'x', input: Symbol('x') } }, 'invalid_job', /packed/],
    'is given floats': [{ a: { name: 'x', input: new Float32Array(1) } }, 'invalid_job', /no plain data/],
    'waits for too many steps': [
      {
        ...Object.fromEntries(Array.from({ length: 1_025 }, (_, index) => [`s${index}`, { name: 'x' }])),
        z: { name: 'x', after: Array.from({ length: 1_025 }, (_, index) => `s${index}`) },
      },
      'invalid_job',
      /1025/,
    ],
  }
  for (const [what, [workflows, code, message]] of Object.entries(refused)) {
    it(`is refused at the door when it ${what}`, async () => {
      const leader = world.leader()
      const client = await world.client()
      const error = await rejection(client.submitJob({ workflows }))
      expect(error).to.have.property('code', code)
      expect(error.message).to.match(message)
      await world.pass(100)
      expect(leader.frames).to.have.lengthOf(0)
    })
  }

  it('is submitted in chunks of one digest, the same whenever it is submitted again', async () => {
    const leader = world.leader(registering())
    const client = await world.client()
    const names = Array.from({ length: 1_000 }, (_, index) => `s${index}`)
    const specOf = (name: string): [string, StepSpec] => [name, { name: 'x', input: name }]
    await world.during(client.submitJob({ id: 'big', workflows: Object.fromEntries(names.map(specOf)) }))
    const first = submits(leader)
    leader.frames.length = 0
    const again = await world.during(
      client.submitJob({ id: 'big', workflows: Object.fromEntries(names.reverse().map(specOf)) }),
    )
    expect(again.again).to.equal(true)
    expect(first.map(({ chunk, workflows }) => [chunk.index, chunk.count, workflows.length])).to.deep.equal([
      [0, 4, 256],
      [1, 4, 256],
      [2, 4, 256],
      [3, 4, 232],
    ])
    const contents = (commands: CommandOf<'job.submit'>[]) =>
      commands.map(({ number, notify, since, ...rest }) => rest)
    expect(contents(submits(leader))).to.deep.equal(contents(first))
  })

  it('is cut into chunks by bytes too, a few of them on their way at a time', async () => {
    let waiting = 0
    const leader = world.leader((command) => {
      waiting += 1
      return accepting(command)
    })
    const client = await world.client()
    const input = 'x'.repeat(150_000)
    const workflows = Object.fromEntries(
      Array.from({ length: 10 }, (_, index) => [`s${index}`, { name: 'x', input }]),
    )
    await world.during(client.submitJob({ workflows }))
    expect(waiting).to.equal(10)
    expect(Math.max(...leader.frames.map(({ commands }) => commands.length))).to.be.at.most(3)
  })

  it('tells its end once, and the result of each step', async () => {
    const leader = world.leader((command) => {
      if (command.type !== 'job.get') return accepting(command)
      const { number, job } = command
      return { type: 'job', number, id: job, state: 'completed', total: 2, ended: 2, workflows: [] }
    })
    const client = await world.client()
    const job = await world.during(
      client.submitJob({ id: 'two', workflows: { a: { name: 'x' }, b: { name: 'x' } } }),
    )
    const ended = job.ended()
    const [submit] = submits(leader)
    leader.push(submit?.notify ?? '', { id: 'two', state: 'failed', ended: true })
    expect(await world.during(ended)).to.equal('failed')
    expect(await world.during(client.ended('other'))).to.equal('completed')
    expect(await world.during(client.summary('two'))).to.deep.equal({
      id: 'two',
      state: 'completed',
      total: 2,
      ended: 2,
    })
  })

  it('is described by all its pages', async () => {
    const workflow = { name: 'x', state: 'running', attempt: 1, token: '0.1.2.0', node: 'w1', error: null }
    const all = Array.from({ length: 5 }, (_, index) => ({ ...workflow, id: `j/s${index}` }))
    world.leader((command) => {
      if (command.type !== 'job.get') return accepting(command)
      const { number, job, after } = command
      return {
        type: 'job',
        number,
        id: job,
        state: 'running',
        total: 5,
        ended: 0,
        workflows: all.slice(after, after + 2),
      }
    })
    const client = await world.client()
    expect(await world.during(client.job('j'))).to.deep.equal({
      id: 'j',
      state: 'running',
      total: 5,
      ended: 0,
      workflows: all,
    })
  })

  it('H4 is cancelled by its id or by one step, and an unknown one is NOT_FOUND', async () => {
    const leader = world.leader((command) =>
      command.type === 'job.cancel' && command.job === 'none'
        ? { type: 'error', number: command.number, error: { code: 'not_found', message: 'no job none' } }
        : accepting(command),
    )
    const client = await world.client()
    await world.during(Promise.all([client.cancel('j', { reason: 'enough' }), client.cancel('j/one')]))
    expect(leader.commands.map(({ number, ...rest }) => rest)).to.deep.equal([
      { type: 'job.cancel', job: 'j', reason: 'enough' },
      { type: 'job.cancel', job: 'j', step: 'one', reason: '' },
    ])
    expect((await world.during(client.cancel('none'))).outcomes).to.deep.equal([
      { id: 'none', outcome: 'NOT_FOUND' },
    ])
    expect(await rejection(client.cancel('j', { reason: 'x'.repeat(201) }))).to.have.property(
      'code',
      'too_large',
    )
  })
})
