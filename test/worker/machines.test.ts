import { type FastStats, fast, lintMachine } from '@covey/engine'
import { attemptMachine, workerMachine } from '@covey/machines'
import { expect } from 'chai'
import { createActor } from 'xstate'

describe('the machines of a worker', () => {
  for (const machine of [workerMachine, attemptMachine]) {
    it(`${machine.id} passes the lint`, () => {
      expect(lintMachine(machine)).to.deep.equal([])
    })
  }

  it('attempt takes the table at every step of its life', () => {
    const stats: FastStats = { fast: 0, slow: 0 }
    const place = { shard: 0, token: '1.1.1.0', workflow: 'job/main' } as const
    const input = { ...place, timeoutMs: 1_000, isolated: false, chance: 0 }
    const actor = createActor(fast(attemptMachine, stats), { input }).start()
    actor.send({ type: 'code.started' })
    actor.send({ type: 'attempt.ask' })
    actor.send({ type: 'attempt.stop', cause: 'cancel', reason: '' })
    actor.send({ type: 'code.failed', error: { code: 'closed', message: '' }, retryable: false })
    actor.send({ type: 'word.stored' })
    actor.send({ type: 'word.logged' })
    expect(actor.getSnapshot().value).to.equal('done')
    expect(stats).to.deep.equal({ fast: 6, slow: 0 })
  })

  it('worker takes the table for every kind of event', () => {
    const stats: FastStats = { fast: 0, slow: 0 }
    const now = { monotonicMs: 0, wallMs: 0 }
    const input = { quotas: [1], offered: new Map(), selfFenceMs: 6_000, now }
    const actor = createActor(fast(workerMachine, stats), { input }).start()
    const sender = { shard: 0, streamEpoch: 1, epoch: 1, sequence: 1, leader: 'm1', leaderGeneration: 1 }
    actor.send({ type: 'worker.activate', now })
    actor.send({
      type: 'ask.received',
      now,
      command: { ...sender, opening: true, last: true, questions: [] },
    })
    actor.send({ type: 'grant.received', now, shard: 0, streamEpoch: 1, epoch: 1, sentAt: now })
    actor.send({ type: 'turn.ended', now })
    expect(actor.getSnapshot().value).to.equal('ready')
    actor.send({ type: 'run.received', now, command: { ...sender, logged: [], dispatches: [] } })
    actor.send({ type: 'cancel.received', now, command: { ...sender, cancels: [] } })
    actor.send({ type: 'words.spoken', now, words: [] })
    actor.send({ type: 'word.stored', now, shard: 0, token: '1.1.1.0' })
    actor.send({ type: 'renewal.due', now, shard: 0 })
    actor.send({ type: 'lease.checked', now })
    actor.send({ type: 'worker.drain', now, deadlineMs: 1_000 })
    actor.send({ type: 'turn.ended', now })
    expect(actor.getSnapshot().value).to.equal('stopped')
    expect(stats).to.deep.equal({ fast: 12, slow: 0 })
  })
})
