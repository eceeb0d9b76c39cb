import { leadershipMachine, silencePatienceMs } from '@covey/machines'
import { limits, singleServerTimings } from '@covey/protocol'
import { expect } from 'chai'
import { MachineWalk } from '../harness/machine-walk.js'

const { leaderTimeoutMs, leaderHintMs } = singleServerTimings

describe('the chart of a leader that hears no worker, or that none hears', () => {
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
  const stepBack = (
    walk: MachineWalk<typeof leadershipMachine>,
    why: 'workers.silent' | 'answers.lost' = 'workers.silent',
  ): void => {
    expect(walk.send({ type: why })).to.deep.equal(['term.release'])
    expect(walk.send({ type: 'release.done' })).to.deep.equal(['term.end'])
    walk.wait(leaderHintMs)
    expect(walk.state).to.equal('following')
  }
  const patienceMs = (walk: MachineWalk<typeof leadershipMachine>): unknown =>
    (walk.last('term.begin') as { patienceMs: number }).patienceMs

  for (const why of ['workers.silent', 'answers.lost'] as const) {
    it(`K41 releases the shard upon ${why} and claims nothing for a whole window, whatever hint it has`, () => {
      const walk = lead()
      expect(patienceMs(walk)).to.equal(leaderTimeoutMs)
      stepBack(walk, why)
      for (const hint of ['leader.gone', 'leader.released'] as const) {
        walk.send({ type: hint })
        expect(walk.state).to.equal('following')
        expect(walk.wait(leaderTimeoutMs - 1)).to.deep.equal([])
      }
      walk.send({ type: 'log.caughtUp', vacant: true })
      expect(walk.wait(leaderTimeoutMs - 1)).to.deep.equal([])
      expect(walk.wait(1)).to.deep.equal(['log.claim'])
    })

    it(`K41 waits twice as long in each further term that ends with ${why}, 16 times as long at most`, () => {
      const walk = lead()
      const waits: unknown[] = []
      for (let term = 0; term < limits.silentTermsCounted + 3; term += 1) {
        waits.push(patienceMs(walk))
        stepBack(walk, why)
        win(walk)
      }
      expect(waits).to.deep.equal([1, 2, 4, 8, 16, 16, 16].map((times) => times * leaderTimeoutMs))
      expect(silencePatienceMs(leaderTimeoutMs, 1_000_000)).to.equal(16 * leaderTimeoutMs)
    })
  }

  /** Whether a hint shortens its window, and it is as patient as at first. */
  const takesPart = (walk: MachineWalk<typeof leadershipMachine>): boolean => {
    walk.send({ type: 'leader.gone' })
    if (!walk.wait(leaderHintMs).includes('log.claim')) return false
    walk.send({ type: 'claim.won', sequence: 2 })
    return patienceMs(walk) === leaderTimeoutMs
  }

  it('K41 takes part like anybody once it hears a worker, also one that is not its own', () => {
    const walk = lead()
    stepBack(walk)
    walk.send({ type: 'workers.overheard', restedMs: 0 })
    expect(takesPart(walk)).to.equal(true)
  })

  it('K41 is not brought back by workers that it hears, where none heard it, until it has rested for long', () => {
    const walk = lead()
    stepBack(walk, 'answers.lost')
    walk.send({ type: 'workers.overheard', restedMs: limits.unheardRestMs - 1 })
    expect(takesPart(walk)).to.equal(false)
    walk.send({ type: 'workers.overheard', restedMs: limits.unheardRestMs })
    expect(takesPart(walk)).to.equal(true)
  })

  it('K41 rests twice as long after each further term in which none heard it, ten minutes at most, and as at first once one has', () => {
    const walk = lead()
    /** How long it stands back after such a term, in minutes. */
    const rest = (): number => {
      stepBack(walk, 'answers.lost')
      let restedMs = 0
      while (walk.snapshot.context.silentTerms > 0) {
        restedMs += 30_000
        walk.send({ type: 'workers.overheard', restedMs })
      }
      win(walk)
      return restedMs / 60_000
    }
    expect(Array.from({ length: 6 }, rest)).to.deep.equal([1, 2, 4, 8, 10, 10])
    walk.send({ type: 'workers.heard' })
    expect(rest()).to.equal(1)
  })

  it('K41 is brought back at once by a worker that has heard it, and then by any that it hears', () => {
    const walk = lead()
    stepBack(walk, 'answers.lost')
    win(walk)
    walk.send({ type: 'workers.heard' })
    stepBack(walk)
    walk.send({ type: 'workers.overheard', restedMs: 0 })
    expect(takesPart(walk)).to.equal(true)
  })
})
