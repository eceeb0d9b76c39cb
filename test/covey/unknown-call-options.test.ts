import { expect } from 'chai'
import { orderLeave } from 'covey'
import { ClientWorld, rejection } from './client-world.js'

describe('An option of a call that nobody knows', () => {
  it('of a submit, of a job and of a step is refused, and nothing is sent', async () => {
    const world = new ClientWorld()
    const leader = world.leader()
    const client = await world.client()
    const submit = (options: object) => rejection(client.submit('double', 1, options))
    const submitJob = (job: object, options?: object) =>
      rejection(client.submitJob(job as { workflows: object }, options))
    const job = { id: 'j', workflows: { fetch: { name: 'fetch' } } }
    for (const [refusal, code, address, mend] of [
      [submit({ dedlineMs: 5_000 }), 'invalid_options', 'submit', 'did you mean deadlineMs?'],
      [submit({ priorty: 1 }), 'invalid_options', 'submit', 'did you mean priority?'],
      [submitJob(job, { dedlineMs: 5_000 }), 'invalid_options', 'submitJob', 'did you mean deadlineMs?'],
      [submitJob({ ...job, workflow: {} }), 'invalid_job', 'submitJob', 'did you mean workflows?'],
      [
        submitJob({ id: 'j', workflows: { ...job.workflows, store: { name: 'store', afer: ['fetch'] } } }),
        ...(['invalid_job', 'j/store', 'did you mean after?'] as const),
      ],
    ] as const)
      expect(await refusal).to.include({ code, address, mend })
    await world.pass(1_000)
    expect(leader.frames).to.have.lengthOf(0)
    await world.close()
  })

  it('of any other call of a client is refused, and nothing is sent', async () => {
    const world = new ClientWorld()
    const leader = world.leader()
    const client = await world.client()
    const job = await world.during(client.submit('double', 1, { id: 'j' }))
    const sent = leader.frames.length
    const handle = client.handle('j')
    const wrong: object = { dedlineMs: 5_000 }
    const order = { links: world.open('orders'), cluster: 'test', node: 'n', generation: 1 }
    for (const [where, call] of [
      ['result', () => client.result('j', wrong)],
      ['result', () => job.result(wrong)],
      ['result', () => handle.result('main', wrong)],
      ['ended', () => client.ended('j', wrong)],
      ['ended', () => handle.ended(wrong)],
      ['cancel', () => client.cancel('j', wrong)],
      ['cancel', () => handle.cancel(wrong)],
      ['cancelMatching', () => client.cancelMatching({ all: true }, wrong)],
      ['job', () => client.job('j', wrong)],
      ['summary', () => client.summary('j', wrong)],
      ['statistics', () => client.statistics('j', wrong)],
      ['statistics', () => handle.statistics(wrong)],
      ['status', () => client.status(wrong)],
      ['restored', () => client.restored(wrong)],
      ['leave', () => client.leave('n', wrong)],
      ['evict', () => client.evict('n', wrong)],
      ['readmit', () => client.readmit('n', wrong)],
      ['actors', () => client.actors({}, wrong)],
      ['orderLeave', () => orderLeave({ ...order, reason: 'maintenance', ...wrong })],
    ] as const) {
      const error = await rejection(call())
      const about = { code: 'invalid_options', address: where, mend: 'did you mean deadlineMs?' }
      expect(error, where).to.include(about)
      expect(error.message).to.equal(`${where}: there is no option "dedlineMs"`)
    }
    expect(await rejection(client.cancel('j', { reson: 'x' } as object))).to.include({
      mend: 'did you mean reason?',
    })
    expect(await rejection(client.status(null as unknown as object))).to.include({ code: 'invalid_options' })
    expect(await rejection(client.actors({ knd: 'peer' } as object))).to.include({
      code: 'invalid_options',
      mend: 'did you mean kind?',
    })
    await world.pass(1_000)
    expect(leader.frames).to.have.lengthOf(sent)
    await world.close()
  })
})
