import { expect } from 'chai'
import { StagedJobs } from './staged-jobs.js'

describe('The invariants of work in a simulation', () => {
  let stage: StagedJobs

  const look = (name: string): readonly string[] => stage.look(name)
  const message = (
    sequence: number,
    kind: 'claim' | 'batch' | 'strange' | 'copy',
    epoch: number,
    bootId = 'boot',
  ) => stage.log.messages.push({ sequence, kind, epoch, bootId, streamEpoch: 1 })

  beforeEach(() => {
    stage = new StagedJobs()
  })

  it('are each content where nothing happens, and where work takes its way', () => {
    for (const name of stage.names) expect(look(name), name).to.deep.equal([])
    message(1, 'claim', 1)
    message(2, 'batch', 1)
    stage.expected.set('j/a', { job: 'j', sum: 1, work: 'steady' })
    stage.leaseSinceMs = 1_000
    stage.tell('j/a', '', 'job.submitted', 'waiting')
    stage.tell('j/a', 'waiting', 'dependencies.done', 'queued')
    stage.tell('j/a', 'queued', 'workflow.assigned', 'assigned', '2.0')
    const execution = stage.run('j/a', stage.assign('j/a', 2))
    stage.nowMs += 5_000
    for (const name of stage.names) expect(look(name), name).to.deep.equal([])
    execution.endMs = stage.nowMs
    stage.say('3.0', { kind: 'completed', workflow: 'j/a', token: '1.1.2.0' })
    stage.tell('j/a', 'assigned', 'workflow.completed', 'completed', '3.0')
    stage.answer('result', 'j/a', 'completed', { sum: 1, token: '1.1.2.0' })
    stage.answer('cancel', 'j/a', 'ALREADY_COMPLETED')
    for (const name of stage.names) expect(look(name), name).to.deep.equal([])
  })

  describe('19 of the log', () => {
    const wrong: readonly [what: string, write: () => void, told: string][] = [
      [
        'a claim that is not higher',
        () => message(1, 'claim', 2) && message(2, 'claim', 2),
        'claims epoch 2 after 2',
      ],
      [
        'a batch of a deposed leader',
        () => message(1, 'claim', 2) && message(2, 'batch', 1),
        'under epoch 1',
      ],
      [
        'a batch of another process',
        () => message(1, 'claim', 2) && message(2, 'batch', 2, 'b'),
        'under epoch 2',
      ],
      ['what is neither', () => message(1, 'strange', 1), 'neither a claim nor a batch'],
      ['a hole', () => message(2, 'claim', 1), 'came after 0'],
    ]
    for (const [what, write, told] of wrong)
      it(`see ${what}`, () => {
        write()
        expect(look('rising-epochs')[0]).to.include(told)
      })
  })

  it('19 say of which shard, each by its own claims', () => {
    message(1, 'claim', 7)
    stage.otherLog.messages.push({ sequence: 1, kind: 'claim', epoch: 1, bootId: 'boot', streamEpoch: 1 })
    expect(look('rising-epochs')).to.deep.equal([])
    stage.otherLog.messages.push({ sequence: 2, kind: 'batch', epoch: 7, bootId: 'boot', streamEpoch: 1 })
    expect(look('rising-epochs')[0]).to.include('message 2 of the log of shard 1 was written under epoch 7')
  })

  it('K50 see a job that stands in the logs of two shards', () => {
    stage.log.offers.push('j')
    stage.otherLog.offers.push('k')
    expect(look('one-home')).to.deep.equal([])
    stage.otherLog.offers.push('j')
    expect(look('one-home')).to.deep.equal(['j stands in the logs of the shards 0 and 1'])
  })

  it('K11 see what is written on behind a copy that was put back by who leads no more', () => {
    message(1, 'claim', 1)
    message(2, 'claim', 2)
    message(3, 'batch', 2)
    message(1, 'copy', 1)
    expect(look('rising-epochs')).to.deep.equal([])
    message(2, 'batch', 2)
    expect(look('rising-epochs')[0]).to.include('message 2 of the log of shard 0 was written under epoch 2')
    message(3, 'claim', 2)
    expect(look('rising-epochs')).to.deep.equal([])
  })

  it('1 and 2 tell the tokens of two shards apart', () => {
    stage.otherLog.offered.add('k')
    const token = stage.assign('j/a', 2)
    const other = { token, workflow: 'k/a', worker: 'w2', generation: 1, credits: [2], order: 2 }
    stage.otherLog.assignments.set(token, other)
    stage.run('j/a', token, 0)
    stage.run('k/a', token, 1)
    for (const name of ['once-only-tokens', 'founded-starts']) expect(look(name), name).to.deep.equal([])
  })

  it('1 see a token that runs twice, and exclusive work that begins under an older one', () => {
    for (const token of ['1.1.9.0', '1.1.9.0', '1.1.7.2']) stage.run('j/a', token, 1)
    const [twice, older] = look('once-only-tokens')
    expect(twice).to.include('began twice under 1.1.9.0')
    expect(older).to.include('under 1.1.7.2 after 1.1.9.0')
    stage.run('j/b', '1.1.9.1', 0, 'shared')
    stage.run('j/b', '1.1.8.0', 1, 'shared')
    expect(look('once-only-tokens')).to.deep.equal([])
  })

  describe('2 see a start', () => {
    const wrong: readonly [what: string, begin: () => void, told: string][] = [
      ['that the log does not have', () => stage.run('j/a', '1.1.2.0'), 'which the log does not have'],
      ['of another workflow', () => stage.run('j/b', stage.assign('j/a', 2)), 'which is that of j/a'],
      ['of another worker', () => stage.run('j/a', stage.assign('j/a', 2, 'w2')), 'which is for w2.1'],
      ['of another generation', () => stage.run('j/a', stage.assign('j/a', 2, 'w1', 2)), 'which is for w1.2'],
      [
        'by a credit that was never given',
        () => {
          stage.credits.clear()
          stage.run('j/a', stage.assign('j/a', 2))
        },
        'never gave the credit 1',
      ],
      [
        'by a credit that is used up',
        () => {
          stage.run('j/a', stage.assign('j/a', 2))
          stage.run('j/b', stage.assign('j/b', 3))
        },
        'the credit 1, which is used up',
      ],
    ]
    for (const [what, begin, told] of wrong)
      it(what, () => {
        begin()
        expect(look('founded-starts')[0]).to.include(told)
      })
  })

  it('11 see what is given to a worker, or begins there, after the log has called it ended', () => {
    stage.log.ended.set('w1.1', 4)
    const token = stage.assign('j/a', 5)
    stage.tell('j/a', 'queued', 'workflow.assigned', 'assigned', '5.0')
    stage.run('j/a', token)
    const [given, begun] = look('ended-workers')
    expect(given).to.include('was given to w1.1 at 5.0')
    expect(begun).to.include('given to w1.1 after its end')
  })

  describe('8 of exclusive work that runs twice', () => {
    const twice = (): void => {
      stage.run('j/a', '1.1.2.0', 0)
      stage.nowMs += 5
      stage.run('j/a', '1.1.3.0', 1)
      stage.nowMs += 5
    }

    it('tell once', () => {
      twice()
      expect(look('no-overlap')).to.deep.equal(['j/a runs twice: 1.1.2.0 on w1-1, and 1.1.3.0 on w2-2'])
      expect(look('no-overlap')).to.deep.equal([])
    })

    const excuses: readonly [what: string, excuse: (first: StagedJobs['workers'][number]) => void][] = [
      ['one process stands still', (first) => Object.assign(first, { goesOnMs: 0 })],
      ['one process was let go on just now', (first) => Object.assign(first, { goesOnMs: 1 })],
      ['one process is dead', (first) => Object.assign(first, { isDead: true })],
      ['the clock of a manager jumped', () => Object.assign(stage, { jumpedAtMs: stage.nowMs - 5_000 })],
    ]
    for (const [what, excuse] of excuses)
      it(`say nothing where ${what}`, () => {
        const [first] = stage.workers
        twice()
        if (first) excuse(first)
        expect(look('no-overlap')).to.deep.equal([])
      })

    it('say nothing of work that is not exclusive', () => {
      stage.run('j/a', '1.1.2.0', 0, 'shared')
      stage.run('j/a', '1.1.3.0', 1, 'shared')
      stage.nowMs += 5
      expect(look('no-overlap')).to.deep.equal([])
    })
  })

  it('12 see exclusive work that runs on after its lease, by the clock of its process', () => {
    stage.leaseSinceMs = stage.nowMs
    stage.run('j/a', '1.1.2.0')
    stage.run('j/b', '1.1.3.0', 0, 'shared')
    stage.nowMs += 6_000
    expect(look('self-fence')).to.deep.equal([])
    stage.nowMs += 100
    expect(look('self-fence')).to.deep.equal(['j/a runs under 1.1.2.0 on w1-1, 100 ms after its lease'])
  })

  it('18 see a worker that holds more slots than it has, and one that runs more', () => {
    stage.view.slotsUsed = 4
    expect(look('slots-held')).to.have.length(2)
    stage = new StagedJobs()
    for (const place of [2, 3]) stage.run('j/a', `1.1.${place}.0`, 0, 'wide')
    expect(look('slots-held')).to.deep.equal(['w1-1 holds 0 slots and runs 4, and has 3'])
  })
})
