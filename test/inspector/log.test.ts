import { createHash } from 'node:crypto'
import { applyEntry, emptyShard, imageOf, packRow } from '@covey/actors'
import { inspectorLimits } from '@covey/inspector'
import { batchMessage, createSubjects, foldVersion } from '@covey/protocol'
import { expect } from 'chai'
import { rejection } from '../covey/client-world.js'
import { double, sum } from '../covey/cluster-world.js'
import { InspectedWorld } from './inspected-world.js'
import type { TestPage } from './test-page.js'

describe('The log in the inspector', () => {
  let world: InspectedWorld
  let page: TestPage
  beforeEach(async () => {
    world = new InspectedWorld()
    await world.start()
    page = await world.page(await world.inspect())
    const client = await world.client()
    const workflows = {
      a: { workflow: double, input: 'a secret' },
      b: { workflow: sum, after: ['a'] as const },
    }
    await world.during((await world.during(client.submitJob({ id: 'first', workflows }))).ended())
  })
  afterEach(() => world.close())

  const ask: TestPage['ask'] = (type, asked) => world.during(page.ask(type, asked))

  it('is shown message by message, with the claim first and no input', async () => {
    const { first, last, rows } = await ask('log.page', { shard: 0, from: 1, count: 200 })
    expect([first, last]).to.deep.equal([1, rows.at(-1)?.sequence])
    expect(rows.map(({ sequence }) => sequence)).to.deep.equal(rows.map((_, index) => index + 1))
    expect(rows[0]).to.include({ kind: 'claim', epoch: 1 })
    expect(rows[0]?.events[0]).to.include({ leader: 'm1' })
    const events = rows.flatMap((row) => row.events) as { type?: string }[]
    expect(events.map(({ type }) => type)).to.include.members(['job.submitted', 'workflow.completed'])
    const text = JSON.stringify(rows)
    expect(text).to.not.include('secret')
    expect(text).to.match(/"input":\{"bytes":\d+\}/)
  })

  it('is shown a page at a time, and says where it ends', async () => {
    const { last, rows } = await ask('log.page', { shard: 0, from: 2, count: 3 })
    expect(rows.map(({ sequence }) => sequence)).to.deep.equal([2, 3, 4])
    const beyond = await ask('log.page', { shard: 0, from: last + 1_000_000, count: 3 })
    expect(beyond.rows).to.deep.equal([])
    expect(beyond.last).to.be.at.least(last)
    const small = await world.page(await world.inspect({ limits: { logPageBytesMax: 1, logRowsMax: 2 } }))
    const cut = await world.during(small.ask('log.page', { shard: 0, from: 1, count: 200 }))
    expect(cut.rows).to.have.length(1)
  })

  it('is read for as many questions as a page may ask at once, without a word of Node about leaks', async () => {
    const warnings: Error[] = []
    const hear = (warning: Error): void => void warnings.push(warning)
    process.on('warning', hear)
    try {
      const asked = Array.from({ length: inspectorLimits.questionsInFlightMax }, () =>
        page.ask('log.page', { shard: 0, from: 1, count: 1 }),
      )
      const answers = await world.during(Promise.all(asked))
      expect(answers.map(({ rows }) => rows[0]?.sequence)).to.deep.equal(asked.map(() => 1))
      await world.pass(10)
    } finally {
      process.off('warning', hear)
    }
    expect(warnings).to.deep.equal([])
  })

  it('is folded to any of its messages: what the cluster was at that place', async () => {
    const { last } = await ask('log.page', { shard: 0, from: 1, count: 1 })
    const end = await ask('log.fold', { shard: 0, sequence: last })
    expect(end).to.deep.include({ sequence: last, epoch: 1, leader: 'm1', jobsTotal: 1, workflowsTotal: 2 })
    expect(end.jobs).to.deep.equal([{ id: 'first', state: 'completed', total: 2, ended: 2 }])
    const states: string[] = []
    for (let sequence = 0; sequence <= last; sequence += 1) {
      const view = await ask('log.fold', { shard: 0, sequence })
      expect(view.sequence).to.equal(sequence)
      const state = view.workflows.find(({ id }) => id === 'first/b')?.state ?? 'none'
      if (states.at(-1) !== state) states.push(state)
    }
    expect(states[0]).to.equal('none')
    expect(states).to.include.members(['waiting', 'completed']).and.have.property('length').greaterThan(3)
    expect(states.at(-1)).to.equal('completed')
    const back = await ask('log.fold', { shard: 0, sequence: 1 })
    expect(back).to.deep.include({ sequence: 1, epoch: 1, leader: 'm1', jobs: [], workflows: [] })
  })

  it('is folded to its end where more is asked for, and forgets the fold after a while', async () => {
    const view = await ask('log.fold', { shard: 0, sequence: 1_000_000 })
    expect(view.jobsTotal).to.equal(1)
    await world.pass(70_000)
    expect((await ask('log.fold', { shard: 0, sequence: 2 })).sequence).to.equal(2)
  })

  it('K11 is folded anew where it has lost what was folded of it, and others have written on', async () => {
    const patient = await world.page(await world.inspect({ limits: { foldKeptMs: 600_000 } }))
    const { last } = await ask('log.page', { shard: 0, from: 1, count: 1 })
    const before = await world.during(patient.ask('log.fold', { shard: 0, sequence: last }))
    expect(before).to.include({ sequence: last, jobsTotal: 1 })
    world.broker.loseLogSuffix(0, last - 1)
    await world.pass(60_000)
    const after = await world.during(patient.ask('log.fold', { shard: 0, sequence: last + 5 }))
    expect(after).to.include({ sequence: last + 5, jobsTotal: 0, workflowsTotal: 0 })
  })

  it('is not folded by many at a time', async () => {
    const few = await world.page(await world.inspect({ limits: { foldsWaitingMax: 1 } }))
    const first = few.ask('log.fold', { shard: 0, sequence: 5 })
    const second = rejection(few.ask('log.fold', { shard: 0, sequence: 6 }))
    expect(await world.during(second)).to.have.property('code', 'overloaded')
    expect((await world.during(first)).sequence).to.equal(5)
  })

  it('K20 shows what is neither a batch nor a claim as what every manager skips', async () => {
    const links = world.open('stranger')
    const last = await world.during(links.log(0).tail())
    const subject = createSubjects(world.cluster).batch(0)
    const outcome = await world.during(links.log(0).append(subject, new Uint8Array([1, 2, 3]), last))
    if (outcome.kind !== 'appended') throw new Error(outcome.kind)
    const { rows } = await ask('log.page', { shard: 0, from: outcome.sequence, count: 1 })
    expect(rows).to.deep.equal([
      { sequence: outcome.sequence, kind: 'skipped', epoch: 0, bytes: 3, total: 0, events: [] },
    ])
    expect((await ask('log.fold', { shard: 0, sequence: outcome.sequence })).sequence).to.equal(
      outcome.sequence,
    )
  })

  it('K3 is folded from the oldest snapshot on where what came before was trimmed', async () => {
    const links = world.open('stranger')
    const subjects = createSubjects(world.cluster)
    const log = links.log(0)
    const { last } = await ask('log.page', { shard: 0, from: 1, count: 1 })
    const before = await ask('log.fold', { shard: 0, sequence: last })
    const state = emptyShard(0, foldVersion)
    for (let sequence = 1; sequence <= last; sequence += 1) {
      const outcome = await world.during(log.read(sequence))
      if (outcome.kind === 'found') applyEntry(state, subjects, outcome.entry)
    }
    const image = Buffer.concat([...imageOf(state)].map(packRow))
    const place = { streamEpoch: 1, epoch: 1, sequence: last }
    await world.during(links.objects.create(subjects.snapshotPart(0, place, 0), image))
    const digest = createHash('sha256').update(image).digest('hex')
    const events = [
      { type: 'snapshot.taken' as const, sequence: last, parts: 1, bytes: image.length, digest },
    ]
    const write = { streamEpoch: 1, epoch: 1, bootId: 'stranger', number: 1, elapsedMs: 0 }
    const tail = await world.during(log.tail())
    const outcome = await world.during(
      log.append(subjects.batch(0), batchMessage.encode({ ...write, events }), tail),
    )
    expect(outcome.kind).to.equal('appended')
    await world.during(log.trim(last))
    await world.pass(70_000)
    expect(await ask('log.fold', { shard: 0, sequence: last })).to.deep.equal(before)
    const after = await ask('log.fold', { shard: 0, sequence: tail + 1 })
    expect(after).to.deep.include({ sequence: tail + 1, jobs: before.jobs })
    expect(await rejection(ask('log.fold', { shard: 0, sequence: 1 }))).to.have.property('code', 'expired')
  })
})
