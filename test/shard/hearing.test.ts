import { HeapClock } from '@covey/engine'
import { leadershipMachine, lookAtSilence, silencePatienceMs } from '@covey/machines'
import { limits, singleServerTimings } from '@covey/protocol'
import { expect } from 'chai'
import { Hearing } from '../../actors/shard/hearing.js'
import { MachineWalk } from '../harness/machine-walk.js'
import { StatedMembers } from './stated-members.js'

const { leaderTimeoutMs, leaderHintMs, renewalIntervalMs } = singleServerTimings

describe('a leader that listens for its workers', () => {
  let clock: HeapClock
  let members: StatedMembers
  let hearing: Hearing
  let told: string[]

  beforeEach(() => {
    clock = new HeapClock()
    members = new StatedMembers()
    told = []
    const tell = (what: string) => () => told.push(what)
    hearing = new Hearing({
      ...{ env: { clock, timings: singleServerTimings }, members, patienceMs: leaderTimeoutMs },
      ...{ onHeard: tell('heard'), onSilence: tell('silence') },
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
    expect(looks(renewalIntervalMs)).to.deep.equal(['silence'])
  })

  it('K41 begins to count anew with each renewal, and tells of the first', () => {
    members.join('w1', 'worker')
    for (let round = 0; round < 20; round += 1) {
      looks(leaderTimeoutMs - renewalIntervalMs)
      hearing.note()
    }
    expect(told).to.deep.equal(['heard'])
    expect(looks(leaderTimeoutMs)).to.deep.equal(['heard', 'silence'])
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
    expect(looks(renewalIntervalMs)).to.deep.equal(['silence'])
  })

  it('K41 counts one that is suspected: who hears nobody suspects everybody', () => {
    members.join('w1', 'worker')
    members.suspect('w1')
    expect(looks(leaderTimeoutMs)).to.deep.equal(['silence'])
  })

  it('K41 K29 takes the time for which it was stopped for nobody’s silence', () => {
    members.join('w1', 'worker')
    looks(leaderTimeoutMs - 2 * renewalIntervalMs)
    clock.advance(60_000)
    hearing.look()
    expect(told, 'one interval more').to.deep.equal([])
    expect(looks(renewalIntervalMs)).to.deep.equal(['silence'])
    expect(lookAtSilence({ lookedAtMs: 1_000, dueMs: 4_000 }, 61_000, 1_000)).to.deep.equal({
      lookedAtMs: 61_000,
      dueMs: 63_000,
    })
  })
})

describe('the chart of a leader that hears no worker', () => {
  const lead = (): MachineWalk<typeof leadershipMachine> => {
    const walk = new MachineWalk(leadershipMachine, {
      ...{ shard: 0, leaderTimeoutMs, leaderHintMs, staggerMs: 0, rankStepMs: 100 },
      actsForMs: 0.9 * leaderTimeoutMs,
    })
    walk.send({ type: 'log.caughtUp', vacant: true })
    win(walk)
    return walk
  }
  const win = (walk: MachineWalk<typeof leadershipMachine>): void => {
    while (walk.state !== 'claiming') walk.wait(10)
    walk.send({ type: 'claim.won', sequence: 1 })
  }
  /** Its shard is released, and it follows again. */
  const stepBack = (walk: MachineWalk<typeof leadershipMachine>): void => {
    expect(walk.send({ type: 'workers.silent' })).to.deep.equal(['term.release'])
    expect(walk.send({ type: 'release.done' })).to.deep.equal(['term.end'])
    walk.wait(leaderHintMs)
    expect(walk.state).to.equal('following')
  }
  const patienceMs = (walk: MachineWalk<typeof leadershipMachine>): unknown =>
    (walk.last('term.begin') as { patienceMs: number }).patienceMs

  it('K41 releases the shard and claims nothing for a whole window, whatever hint it has', () => {
    const walk = lead()
    expect(patienceMs(walk)).to.equal(leaderTimeoutMs)
    stepBack(walk)
    for (const hint of ['leader.gone', 'leader.released'] as const) {
      walk.send({ type: hint })
      expect(walk.state).to.equal('following')
      expect(walk.wait(leaderTimeoutMs - 1)).to.deep.equal([])
    }
    walk.send({ type: 'log.caughtUp', vacant: true })
    expect(walk.wait(leaderTimeoutMs - 1)).to.deep.equal([])
    expect(walk.wait(1)).to.deep.equal(['log.claim'])
  })

  it('K41 waits twice as long in each further term in which it hears nobody, 16 times as long at most', () => {
    const walk = lead()
    const waits: unknown[] = []
    for (let term = 0; term < limits.silentTermsCounted + 3; term += 1) {
      waits.push(patienceMs(walk))
      stepBack(walk)
      win(walk)
    }
    expect(waits).to.deep.equal([1, 2, 4, 8, 16, 16, 16].map((times) => times * leaderTimeoutMs))
    expect(silencePatienceMs(leaderTimeoutMs, 1_000_000)).to.equal(16 * leaderTimeoutMs)
  })

  it('K41 takes part like anybody once it hears a worker, also one that is not its own', () => {
    const walk = lead()
    stepBack(walk)
    walk.send({ type: 'workers.heard' }, { type: 'leader.gone' })
    expect(walk.wait(leaderHintMs)).to.deep.equal(['log.claim'])
    walk.send({ type: 'claim.won', sequence: 2 })
    expect(patienceMs(walk)).to.equal(leaderTimeoutMs)
  })
})
