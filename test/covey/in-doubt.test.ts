import type { Answer, Command, CoveyError } from '@covey/protocol'
import { expect } from 'chai'
import { defineWorkflow, type SubmittedJob } from 'covey'
import { ClientWorld, rejection } from './client-world.js'
import { registering } from './scripted-leader.js'

const double = defineWorkflow({ name: 'double', version: '1', run: async () => 2 })
const tooMany = ({ number }: Command): Answer => ({
  type: 'error',
  number,
  error: { code: 'too_large', message: 'there are too many' },
})
const tooOld = ({ number }: Command): Answer => ({
  type: 'error',
  number,
  error: { code: 'too_old', message: 'it may have run' },
})

describe('A submit of which it is not known whether it was done', () => {
  let world: ClientWorld
  beforeEach(() => {
    world = new ClientWorld()
  })
  afterEach(() => world.close())

  it('K24 names the id that was drawn for it: its job can be looked for, and submitted again', async () => {
    const jobs = new Map<string, string>()
    const take = registering(jobs)
    let isMute = true
    world.leader((command) => {
      const answer = take(command)
      return isMute ? undefined : answer
    })
    const client = await world.client()
    const within = { deadlineMs: 1_000 }
    const workflows = { a: { workflow: double, input: 1 }, b: { workflow: double, after: ['a'] } } as const
    const submits: readonly ((given: { id?: string }) => Promise<SubmittedJob>)[] = [
      (given) => client.submit(double, 1, { ...within, ...given }),
      (given) => client.submitJob({ workflows, ...given }, within),
    ]
    for (const submit of submits) {
      isMute = true
      const { code, message, mend, job = '' } = (await world.during(rejection(submit({})))) as CoveyError
      expect(code).to.equal('no_leader')
      expect([...jobs.keys()].at(-1)).to.equal(job)
      expect(message).to.equal(
        `job ${job} may have been submitted: no manager that leads shard 0 answered within the deadline`,
      )
      expect(mend).to.include(`with id '${job}'`)
      isMute = false
      const again = await world.during(submit({ id: job }))
      expect([again.id, again.again]).to.deep.equal([job, true])
    }
  })

  it('names its job also where it is refused for good, or its client is closed', async () => {
    world.leader(tooOld)
    const client = await world.client()
    const refused = await world.during(rejection(client.submit(double, 1, { id: 'j1' })))
    expect(refused).to.include({ code: 'too_old', job: 'j1' })
    expect(refused.message).to.include('j1')
    const closed = [rejection(client.submit(double, 1)), rejection(client.submit(double, 2))]
    await client.close()
    const told = (await Promise.all(closed)) as CoveyError[]
    expect(told.map(({ code }) => code)).to.deep.equal(['closed', 'closed'])
    expect(new Set(told.map(({ job }) => job)).size, 'each its own').to.equal(2)
    for (const { job, message } of told) expect(message).to.include(String(job))
  })

  it('names its job also where that is a letter of what was said', async () => {
    world.leader(tooMany)
    const client = await world.client()
    const { message } = await world.during(rejection(client.submit(double, 1, { id: 'a' })))
    expect(message).to.equal('a: there are too many')
  })
})
