import { emptyShard } from '@covey/actors'
import { defaultRetention, packValue, type RenewMessage, singleServerTimings } from '@covey/protocol'
import { expect } from 'chai'
import { AgedMap } from '../../actors/shard/aged-map.js'
import { Seats } from '../../actors/shard/seats.js'
import { FoldedLog, work } from './folded-log.js'
import { testPolicy } from './scripted-worker.js'

/** Of what a state has of a fixed size: numbers and texts, what the newest claim says, counts by state, nothing. */
const fixed = ['leader', 'retention', 'jobCounts', 'workflowCounts', 'restoredAtMs', 'notice']

/** How many entries each part of a state has, whatever it is for; fails for one whose size nobody can tell. */
const sizesOf = (state: object): Record<string, number> =>
  Object.fromEntries(
    Object.entries(state)
      .filter(([name, value]) => typeof value === 'object' && !fixed.includes(name))
      .map(([name, value]) => {
        if (Array.isArray(value)) return [name, value.length]
        if (value instanceof Map || value instanceof Set || value instanceof AgedMap)
          return [name, value.size]
        throw new Error(`${name} of a shard is neither a list, a map nor a set: say how it is counted`)
      }),
  )

describe('what a shard keeps of what has ended', () => {
  it('S-F12 S-B1 S-B2 is as much after 1,000 workflows as after 200, but for the ids of what has expired', () => {
    const log = new FoldedLog()
    log.retention = { ...defaultRetention, workflows: 50 }
    log.claim(2)
    const workers = 20
    let count = 0
    const runUntil = (end: number): Record<string, number> => {
      for (; count < end; count += 1) {
        const workflow = `job${count}/a`
        // The workers come back again and again: a name is kept once, with the last of its generations that has ended.
        const worker = `w${count % workers}`
        const generation = 1 + Math.floor(count / workers)
        log.submit(`job${count}`, [work('a')])
        // It ends with work that it holds, which goes to one that has not ended.
        log.assign(workflow, worker, {}, generation)
        expect(log.state.attempts.size).to.equal(1)
        log.batch([
          { type: 'worker.ended', worker, generation, how: 'crashed' },
          { type: 'lease.over', worker, generation },
        ])
        expect(log.stateOf(workflow)).to.equal('queued')
        const token = log.assign(workflow, 'stays')
        log.batch([{ type: 'workflow.completed', workflow, token, result: packValue(count) }])
      }
      const { expired, ...sizes } = sizesOf(log.state)
      expect(expired).to.equal(count - 50)
      return sizes
    }
    const sizes = runUntil(200)
    expect(sizes).to.include({ jobs: 50, workflows: 50, ended: 50, endedGenerations: workers, terms: 2 })
    expect(sizes).to.include({ attempts: 0, heldKeys: 0, answered: 0, swept: 0, snapshots: 0, listeners: 1 })
    expect(runUntil(1_000)).to.deep.equal(sizes)
  })

  it('S-D5 S-E1 S-E2 is nothing of a worker: its seat, its offers and its credits go with its generation', () => {
    const seats = new Seats(emptyShard(0, 1), singleServerTimings, 0)
    const renewal = (generation: number): RenewMessage => ({
      ...{ worker: 'w1', generation, streamEpoch: 1, epoch: 1, opened: true, slots: 2, state: 'ready' },
      ...{ credits: [1, 2], held: [], offers: [{ name: 'work', policy: testPolicy }] },
    })
    for (let generation = 1; generation <= 100; generation += 1) {
      seats.renew(renewal(generation), { streamEpoch: 1, epoch: 1 })
      expect([...seats.offering('work')]).to.have.length(1)
      seats.remove('w1', generation, generation * 1_000)
    }
    expect([...seats.all()]).to.deep.equal([])
    expect([...seats.offering('work')]).to.deep.equal([])
    expect(seats.offeredNames()).to.deep.equal([])
  })
})
