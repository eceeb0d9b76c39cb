import { Tally } from '@covey/simulator'
import { expect } from 'chai'
import { StagedJobs } from './staged-jobs.js'

describe('The invariants of isolated work in a simulation', () => {
  let stage: StagedJobs
  const look = (name: string): readonly string[] => stage.look(name)

  beforeEach(() => {
    stage = new StagedJobs()
  })

  it('8 look at the thread or process that work runs in, and not at its worker', () => {
    const [first] = stage.workers
    const place = stage.beside()
    if (first) first.goesOnMs = 0
    stage.run('j/a', '1.1.2.0', 0, 'threaded', { place })
    stage.run('j/a', '1.1.3.0', 1, 'threaded')
    stage.nowMs += 5
    expect(look('no-overlap')).to.deep.equal([
      'j/a runs twice: 1.1.2.0 on a thread of w1-1, and 1.1.3.0 on w2-2',
    ])
    stage.run('j/b', '1.1.4.0', 0, 'threaded', { place: { ...place, isDead: true } })
    stage.run('j/b', '1.1.5.0', 1, 'threaded')
    stage.nowMs += 5
    expect(look('no-overlap')).to.deep.equal([])
  })

  it('12 give it a second after the lease, in which its thread or process is ended, and no more', () => {
    stage.leaseSinceMs = stage.nowMs
    stage.run('j/a', '1.1.2.0', 0, 'forked', { place: stage.beside() })
    stage.nowMs += 7_000
    expect(look('self-fence')).to.deep.equal([])
    stage.nowMs += 100
    expect(look('self-fence')).to.deep.equal([])
    stage.nowMs += 5
    expect(look('self-fence')).to.deep.equal([
      'j/a runs under 1.1.2.0 on a thread of w1-1, 1105 ms after its lease',
    ])
  })

  it('7 know that what ended with its thread or process has nothing to tell by', () => {
    const counted = new Tally()
    counted.add(20_000, 'sold', 4_000)
    const place = { ...stage.beside(), isDead: true }
    for (const id of ['j/a', 'j/b']) {
      stage.expected.set(id, { job: 'j', sum: 1, work: 'threaded' })
      stage.run(id, `1.1.${stage.executions.length + 1}.0`, 0, 'threaded', { counted, place })
    }
    stage.say('4.0', { kind: 'failed', workflow: 'j/a', token: '1.1.1.0' })
    expect(look('true-counts')).to.deep.equal([])
    stage.say('5.0', { kind: 'failed', workflow: 'j/b', token: '1.1.2.0', statistics: new Uint8Array([1]) })
    expect(look('true-counts')[0]).to.include('j/b counted under 1.1.2.0 by the log')
  })
})
