import { HeapClock } from '@covey/engine'
import { lookAtSilence } from '@covey/machines'
import { singleServerTimings } from '@covey/protocol'
import { expect } from 'chai'
import { Hearing } from '../../actors/shard/hearing.js'
import { StatedMembers } from './stated-members.js'

const { leaderTimeoutMs, renewalIntervalMs } = singleServerTimings
const term = { streamEpoch: 1, epoch: 7 }

describe('a leader that listens for its workers', () => {
  let clock: HeapClock
  let members: StatedMembers
  let hearing: Hearing
  let told: string[]

  beforeEach(() => {
    clock = new HeapClock()
    members = new StatedMembers()
    told = []
    hearing = new Hearing({
      ...{ env: { clock, timings: singleServerTimings }, state: term, members, patienceMs: leaderTimeoutMs },
      onHearing: (news) => told.push(news),
    })
  })

  /** Looks at each interval for so long. */
  const looks = (forMs: number): readonly string[] => {
    for (let passedMs = 0; passedMs < forMs; passedMs += renewalIntervalMs) {
      clock.advance(renewalIntervalMs)
      hearing.look()
    }
    return told
  }

  it('K41 says so when none that takes part has renewed for T_leader, counted from the beginning of the term', () => {
    members.join('w1', 'worker')
    expect(looks(leaderTimeoutMs - renewalIntervalMs)).to.deep.equal([])
    expect(looks(renewalIntervalMs)).to.deep.equal(['workers.silent'])
  })

  it('K41 begins to count anew with each renewal', () => {
    members.join('w1', 'worker')
    for (let round = 0; round < 20; round += 1) {
      looks(leaderTimeoutMs - renewalIntervalMs)
      hearing.note({ ...term, heard: 0 })
    }
    expect(told).to.deep.equal([])
    expect(looks(leaderTimeoutMs)).to.deep.equal(['workers.silent'])
  })

  /** A renewal that names this answer, and the next one goes out. */
  const renewal = (heard: number | undefined, answered: number): readonly string[] => {
    looks(renewalIntervalMs)
    hearing.note({ ...term, ...(heard !== undefined && { heard }) })
    hearing.noteAnswer(answered)
    return told
  }

  it('K41 says so when for T_leader no renewal names the oldest open answer or a later one', () => {
    members.join('w1', 'worker')
    for (let sequence = 10; sequence < 20; sequence += 1) renewal(sequence > 10 ? sequence - 1 : 0, sequence)
    expect(told, 'the first that came').to.deep.equal(['workers.heard'])
    renewal(19, 20)
    renewal(19, 21)
    expect(renewal(19, 22)).to.deep.equal(['workers.heard'])
    expect(renewal(19, 23)).to.deep.equal(['workers.heard', 'answers.lost'])
  })

  it('K41 goes on where one of several workers names an open answer, or an older form names none', () => {
    members.join('w1', 'worker')
    for (let sequence = 10; sequence < 30; sequence += 2) {
      renewal(0, sequence)
      renewal(sequence < 20 ? sequence : undefined, sequence + 1)
    }
    expect(told).to.deep.equal(['workers.heard'])
  })

  it('K41 takes the answers of another term for none', () => {
    members.join('w1', 'worker')
    for (const other of [{ epoch: 6 }, { streamEpoch: 2 }])
      for (let times = 0; times < 2; times += 1) {
        looks(renewalIntervalMs)
        hearing.note({ ...term, ...other, heard: 1_000 })
        hearing.noteAnswer(10)
      }
    expect(told).to.deep.equal(['answers.lost'])
  })

  it('K41 misses no answer while it gives none, as one that is overloaded', () => {
    members.join('w1', 'worker')
    for (let times = 0; times < 20; times += 1) {
      looks(renewalIntervalMs)
      hearing.note({ ...term, heard: 0 })
    }
    expect(told).to.deep.equal([])
  })

  it('K41 K29 lets no time pass for answers in which no renewal comes, nor while nobody takes part', () => {
    members.join('w1', 'worker')
    renewal(0, 10)
    clock.advance(60_000)
    hearing.note({ ...term, heard: 0 })
    expect(told, 'one was under way when it was stopped').to.deep.equal([])
    members.busy('w1', true)
    for (let times = 0; times < 10; times += 1) renewal(0, 11)
    expect(told).to.deep.equal([])
  })

  it('K41 counts nothing while no worker takes part: there is none, or it has left, or its loop does not turn', () => {
    members.join('m1', 'manager')
    looks(10 * leaderTimeoutMs)
    members.join('w1', 'worker')
    members.end('w1', 'left')
    looks(10 * leaderTimeoutMs)
    members.join('w2', 'worker')
    members.busy('w2', true)
    expect(looks(10 * leaderTimeoutMs)).to.deep.equal([])
    members.busy('w2', false)
    expect(looks(leaderTimeoutMs - renewalIntervalMs), 'from when it could renew').to.deep.equal([])
    expect(looks(renewalIntervalMs)).to.deep.equal(['workers.silent'])
  })

  it('K41 counts one that is suspected: who hears nobody suspects everybody', () => {
    members.join('w1', 'worker')
    members.suspect('w1')
    expect(looks(leaderTimeoutMs)).to.deep.equal(['workers.silent'])
  })

  it('K41 K29 takes the time for which it was stopped for nobody’s silence', () => {
    members.join('w1', 'worker')
    looks(leaderTimeoutMs - 2 * renewalIntervalMs)
    clock.advance(60_000)
    hearing.look()
    expect(told, 'one interval more').to.deep.equal([])
    expect(looks(renewalIntervalMs)).to.deep.equal(['workers.silent'])
    expect(lookAtSilence({ lookedAtMs: 1_000, dueMs: 4_000 }, 61_000, 1_000)).to.deep.equal({
      lookedAtMs: 61_000,
      dueMs: 63_000,
    })
  })
})
