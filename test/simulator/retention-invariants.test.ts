import {
  drawTrace,
  garbageObjects,
  isKeptNoMore,
  missingObjects,
  overstays,
  parseTrace,
  traceText,
} from '@covey/simulator'
import { expect } from 'chai'
import { StagedJobs } from './staged-jobs.js'

describe('What is judged of retention in a simulation', () => {
  let stage: StagedJobs

  const look = (): readonly string[] => stage.look('kept-jobs')
  /** A job of one workflow has ended at this message of the log. */
  const end = (job: string, sequence: number, bytes = 0): void => {
    stage.expected.set(`${job}/a`, { job, sum: 1, work: 'steady', bytes })
    stage.log.offers.push(job)
    for (const [id, index] of [
      [`${job}/a`, 0],
      [job, 1],
    ] as const)
      stage.ends.set(id, { state: 'completed', atMs: stage.nowMs, at: `${sequence}.${index}` })
  }
  const letGo = (job: string, sequence: number): void => {
    stage.gone.set(job, { atMs: stage.nowMs, at: `${sequence}.9` })
  }
  const described = (...jobs: string[]) =>
    new Map(jobs.map((job) => [job, new Map([[`${job}/a`, 'completed']])]))

  beforeEach(() => {
    stage = new StagedJobs()
    Object.assign(stage.retention, { workflows: 1, bytes: 1_000_000, ms: 60_000 })
    stage.log.turns.timesMs.push(0, 0, 1_000, 2_000, 3_000)
  })

  it('K37 is content where a job goes for which there is no room any more', () => {
    end('one', 2)
    end('two', 3)
    letGo('one', 3)
    expect(look()).to.deep.equal([])
    stage.log.messages.push({ sequence: 4, kind: 'batch', streamEpoch: 1, epoch: 1, bootId: 'm1' })
    expect(overstays(stage.jobs, described('two'))).to.deep.equal([])
  })

  const enough: readonly [what: string, make: () => void][] = [
    ['bytes of what it gave', () => end('one', 2, 1_500_000)],
    ['time', () => Object.assign(stage.retention, { ms: 1_999 })],
  ]
  for (const [what, make] of enough)
    it(`K37 is content where a job goes for its ${what}`, () => {
      end('one', 2)
      make()
      letGo('one', 4)
      expect(look()).to.deep.equal([])
    })

  it('K37 sees that a job goes too soon, and says it once', () => {
    end('one', 2)
    letGo('one', 4)
    const told =
      'one is kept no more at 4.9 after 2000 ms, with 1 workflows of 8704 bytes at most since it ended'
    expect(look()).to.deep.equal([told])
    expect(look()).to.deep.equal([])
  })

  it('K37 sees that a job goes that has not ended', () => {
    letGo('one', 4)
    expect(look()).to.deep.equal(['one is kept no more, and has not ended'])
  })

  it('K11 says nothing of a log that has lost entries', () => {
    letGo('one', 4)
    stage.copiedAtMs = stage.nowMs
    expect(look()).to.deep.equal([])
  })

  it('K25 sees that a client is told of the end of what was never there', () => {
    stage.retention.workflows = 0
    end('one', 2)
    for (const about of ['one/a', 'two']) stage.expiries.push({ client: 'client0', about, atMs: stage.nowMs })
    expect(look()).to.deep.equal(['client0 was told that two has expired, and it was never submitted'])
  })

  it('K37 sees what stays for longer, and as more, than it may', () => {
    end('one', 1)
    end('two', 3)
    stage.log.messages.push({ sequence: 4, kind: 'batch', streamEpoch: 1, epoch: 1, bootId: 'm1' })
    expect(overstays(stage.jobs, described('one', 'two'))).to.deep.equal([
      'one is kept, and ended 3000 ms and 2 workflows ago',
    ])
    Object.assign(stage.retention, { workflows: 9, ms: 500 })
    expect(overstays(stage.jobs, described('one', 'two'))).to.have.length(1)
    expect(overstays(stage.jobs, new Map([['one', 'expired']]))).to.deep.equal([])
  })

  it('K11 takes a job for gone by what a client was told, unless the log has lost entries of it since', () => {
    expect(isKeptNoMore(stage.jobs, 'one/a')).to.equal(false)
    stage.expiries.push({ client: 'client0', about: 'one/b', atMs: 1_000 })
    expect(isKeptNoMore(stage.jobs, 'one/a')).to.equal(true)
    stage.reopened.set('one', 2_000)
    expect(isKeptNoMore(stage.jobs, 'one/a')).to.equal(false)
    // Who leads may not have heard of it yet.
    stage.expiries.push({ client: 'client0', about: 'one', atMs: 10_000 })
    expect(isKeptNoMore(stage.jobs, 'one')).to.equal(false)
    stage.expiries.push({ client: 'client0', about: 'one', atMs: 20_000 })
    expect(isKeptNoMore(stage.jobs, 'one')).to.equal(true)
  })

  it('K37 does not know which of two jobs went first that one event has ended', () => {
    end('one', 2)
    end('two', 2)
    stage.log.messages.push({ sequence: 4, kind: 'batch', streamEpoch: 1, epoch: 1, bootId: 'm1' })
    letGo('one', 2)
    expect(look()).to.deep.equal([])
    expect(overstays(stage.jobs, described('two'))).to.deep.equal([])
  })

  it('K37 sees that a client is told of the end of what nothing can have ended', () => {
    stage.retention.workflows = 2
    end('one', 2)
    end('two', 3)
    stage.log.messages.push({ sequence: 4, kind: 'batch', streamEpoch: 1, epoch: 1, bootId: 'm1' })
    const hear = () => stage.expiries.push({ client: 'client0', about: 'one/a', atMs: stage.nowMs })
    hear()
    const reason = '2 workflows of 17408 bytes at most in 3000 ms are no reason'
    expect(look()).to.deep.equal([`client0 was told that one/a has expired, and ${reason}`])
    end('three', 4)
    hear()
    expect(look()).to.deep.equal([])
  })

  it('K36 has large results go with their job, and not before', () => {
    end('one', 2, 300_000)
    const token = stage.assign('one/a', 1)
    const stored = { token, parts: 1, bytes: 300_000, digest: '0'.repeat(64) }
    stage.say('2.0', { kind: 'completed', workflow: 'one/a', token, stored })
    const isGone = (job: string): boolean => stage.gone.has(job)
    expect(missingObjects(stage.jobs, 'test', isGone)).to.have.length(1)
    stage.objects.push(stage.subjects.resultPart(0, 'one/a', token, 0))
    expect(garbageObjects(stage.jobs, 'test', isGone)).to.deep.equal([])
    letGo('one', 4)
    expect(garbageObjects(stage.jobs, 'test', isGone)).to.deep.equal([`the result of one/a under ${token}`])
    stage.objects.pop()
    expect(missingObjects(stage.jobs, 'test', isGone)).to.deep.equal([])
  })

  it('is drawn for every second seed from 120,000 on, and seeds below it mean what they meant', () => {
    const drawn = (seed: number) => drawTrace({ seed, nodes: 5, minutes: 1, kinds: [], jobs: 3 })
    const seeds = Array.from({ length: 40 }, (_, index) => 120_000 + index)
    const little = seeds.filter((seed) => drawn(seed).retention !== undefined)
    expect(little).to.have.length.within(12, 28)
    expect(drawn(119_999)).to.not.have.property('retention')
    for (const seed of little)
      expect(parseTrace(JSON.parse(traceText(drawn(seed))))).to.deep.equal(drawn(seed))
  })
})
