import { createActorSystem, HeapClock } from '@covey/engine'
import { foldVersion, limits, singleServerTimings } from '@covey/protocol'
import { expect } from 'chai'
import type { Environment } from '../../actors/environment.js'
import { Breakers } from '../../actors/shard/breakers.js'
import { Placement } from '../../actors/shard/placement.js'
import { Seats } from '../../actors/shard/seats.js'
import { emptyShard } from '../../actors/shard/shard-state.js'
import { testPolicy } from './scripted-worker.js'
import { StatedMembers } from './stated-members.js'

describe('the breakers of a manager', () => {
  const clock = new HeapClock()
  let requests = 0
  /** A request of its own each time. */
  const request = (worker: string, generation: number) => {
    requests += 1
    return { worker, generation, workflow: 'job/main', token: `1.1.${requests}.0` }
  }
  const make = () => {
    const members = new StatedMembers()
    const system = createActorSystem({ node: 'm1', clock })
    const env = { system, clock, timings: singleServerTimings } as unknown as Environment
    const breakers = new Breakers({ env, members: () => members })
    return { members, system, breakers }
  }

  it('S-C4 are one for each worker: failures of several shards in one turn are counted exactly', () => {
    for (const failures of [0, 1, limits.breakerFailuresMax - 1, limits.breakerFailuresMax, 500]) {
      const { breakers } = make()
      for (let shard = 0; shard < failures; shard += 1) breakers.noteOutcome(request('w1', 1), false)
      const isOpen = failures >= limits.breakerFailuresMax
      expect(breakers.admits('w1', 1), `${failures}`).to.equal(!isOpen)
      expect(breakers.counts.openings).to.equal(isOpen ? 1 : 0)
      expect(breakers.admits('w2', 1)).to.equal(true)
      expect(breakers.admits('w1', 2)).to.equal(true)
      breakers.stop()
    }
  })

  it('S-C4 let no more through than they say, though several ask in one turn', () => {
    const { breakers, system } = make()
    let told = 0
    breakers.onChange(() => {
      told += 1
    })
    for (let count = 0; count < limits.breakerFailuresMax; count += 1)
      breakers.noteOutcome(request('w1', 1), false)
    clock.runUntil(clock.now() + limits.breakerRestMs)
    expect([told, breakers.stateOf('w1', 1)]).to.deep.equal([2, 'halfOpen'])
    let through = 0
    for (let asked = 0; asked < 10; asked += 1) {
      if (!breakers.admits('w1', 1)) continue
      through += 1
      breakers.noteSent('w1', 1)
    }
    expect(through).to.equal(limits.breakerProbesMax)
    clock.runUntil(clock.now() + limits.breakerRestMs)
    expect(breakers.admits('w1', 1), 'no news: as much again').to.equal(true)
    breakers.stop()
    expect(system.addresses()).to.deep.equal([])
  })

  it('S-A1 S-C6 leave nothing of workers that came and went, nor of one that has ended already', () => {
    const { breakers, members, system } = make()
    for (let generation = 1; generation <= 2_000; generation += 1) {
      members.join('w1', 'worker', generation)
      for (let count = 0; count < limits.breakerFailuresMax; count += 1)
        breakers.noteOutcome(request('w1', generation), false)
      members.end('w1', 'exited', generation)
      breakers.noteOutcome(request('w1', generation), false)
    }
    expect(system.addresses()).to.deep.equal([])
    expect(breakers.counts.states).to.deep.equal({ closed: 0, open: 0, halfOpen: 0 })
    breakers.stop()
  })

  it('S-C6 end as soon as their workers take work again, and begin anew with the next failure', () => {
    const { breakers, system } = make()
    breakers.noteOutcome(request('w1', 1), false)
    expect(breakers.counts.states.closed).to.equal(1)
    breakers.noteOutcome(request('w1', 1), true)
    expect([system.addresses(), breakers.counts.states.closed]).to.deep.equal([[], 0])
    for (let count = 0; count < limits.breakerFailuresMax; count += 1)
      breakers.noteOutcome(request('w1', 1), false)
    breakers.noteOutcome(request('w1', 1), true)
    expect(breakers.stateOf('w1', 1), 'a late word').to.equal('halfOpen')
    breakers.noteOutcome(request('w1', 1), true)
    expect([system.addresses(), breakers.admits('w1', 1)]).to.deep.equal([[], true])
    for (let count = 1; count < limits.breakerFailuresMax; count += 1)
      breakers.noteOutcome(request('w1', 1), false)
    expect(breakers.admits('w1', 1)).to.equal(true)
    breakers.noteOutcome(request('w1', 1), false)
    expect(breakers.admits('w1', 1)).to.equal(false)
    breakers.stop()
  })

  it('S-C4 let a request through again that came to nothing, such as an assignment that the log did not take', () => {
    const { breakers } = make()
    const state = emptyShard(0, foldVersion)
    const seats = new Seats(state, singleServerTimings, 0)
    const offers = [{ name: 'w', policy: testPolicy }]
    const renewal = { worker: 'w1', generation: 1, streamEpoch: 1, epoch: 0, opened: true, slots: 4 }
    const credits = [1, 2, 3, 4]
    const seat = seats.renew({ ...renewal, state: 'ready', credits, held: [], offers }, state)
    seat.routable = true
    const placement = new Placement(state, seats, breakers)
    const propose = (id: string) => placement.proposeNew({ id, name: 'w' })
    for (let count = 0; count < limits.breakerFailuresMax; count += 1)
      breakers.noteOutcome(request('w1', 1), false)
    expect(propose('j/open')).to.equal(undefined)
    breakers.noteOutcome(request('w1', 1), true)
    for (let refused = 0; refused < 5; refused += 1) {
      const probe = propose('j/probe')
      expect(propose('j/next'), 'one at a time').to.equal(undefined)
      if (probe === undefined) throw new Error(`no probe after ${refused} that came to nothing`)
      placement.settle(probe, false)
    }
    const late = propose('j/late')
    breakers.noteOutcome(request('w1', 1), false)
    if (late) placement.settle(late, false)
    expect(breakers.admits('w1', 1), 'open since: nothing is given back').to.equal(false)
    breakers.stop()
  })

  it('H18 S-C2 count a request as failed once and as taken once, however many words come of it', () => {
    const { breakers } = make()
    const [one, other] = [request('w1', 1), request('w1', 1)]
    const opens = (): number => breakers.counts.openings
    for (const each of [one, one, other, other, one]) breakers.noteOutcome(each, false)
    expect(opens(), 'two requests').to.equal(0)
    const third = request('w1', 1)
    breakers.noteOutcome({ ...third, workflow: 'other/main', token: one.token }, false)
    expect(opens(), 'one of another shard, with an equal token').to.equal(1)
    for (let word = 0; word < 3; word += 1) breakers.noteOutcome(one, true)
    expect(breakers.stateOf('w1', 1), 'it started, it ended, it said so again').to.equal('halfOpen')
    breakers.noteOutcome(one, false)
    expect(breakers.stateOf('w1', 1), 'it was taken').to.equal('halfOpen')
    breakers.noteOutcome(other, true)
    expect(breakers.admits('w1', 1)).to.equal(true)
    expect(breakers.counts.states).to.deep.equal({ closed: 0, open: 0, halfOpen: 0 })
    breakers.stop()
  })

  it('S-A1 remember no more requests of a worker than it can have open', () => {
    const { breakers } = make()
    const first = request('w1', 1)
    breakers.noteOutcome(first, false)
    for (let count = 0; count < limits.creditsPerWorkerMax; count += 1)
      breakers.noteOutcome(request('w1', 1), false)
    clock.runUntil(clock.now() + limits.breakerRestMs)
    expect(breakers.stateOf('w1', 1)).to.equal('halfOpen')
    breakers.noteOutcome(first, false)
    expect(breakers.stateOf('w1', 1), 'it is forgotten, so this is news').to.equal('open')
    breakers.stop()
  })

  it('S-C2 are made by failures only: who takes its work has none', () => {
    const { breakers, system } = make()
    breakers.noteOutcome(request('w1', 1), true)
    expect(system.addresses()).to.deep.equal([])
    breakers.stop()
  })
})
