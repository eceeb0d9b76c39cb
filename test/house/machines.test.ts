import { createManagerPart, createWorkerPart, type Environment } from '@covey/actors'
import { lintMachine, reachableStates, unboundEffects } from '@covey/engine'
import * as machines from '@covey/machines'
import { createWorld } from '@covey/simulator'
import { expect } from 'chai'
import { connect } from 'covey'
import type { AnyStateMachine } from 'xstate'
import { Breakers, type BreakersOptions } from '../../actors/shard/breakers.js'
import { testPolicy } from '../shard/scripted-worker.js'
import { read, workspaces } from './repository.js'

const isMachine = (value: unknown): value is AnyStateMachine =>
  typeof value === 'object' && value !== null && 'root' in value && 'implementations' in value

const charts: AnyStateMachine[] = Object.values<unknown>(machines).filter(isMachine)

/** The states that a person sees, as `docs/names.md` lists them: these and no others. */
const states: Record<string, string> = {
  node: 'idle dialing joining active leaving fenced reentering departed failed',
  peer: 'unverified joining active suspect leaving departed reentering forgotten',
  connection: 'idle dialing handshaking open draining backoff closed',
  manager: 'starting serving draining stopped',
  breaker: 'closed open halfOpen',
  overload: 'calm busy stressed overloaded',
  leadership: 'following claiming leading releasing fenced withdrawing withdrawn',
  worker: 'registering ready full draining fenced stopped',
  attempt: 'starting running stopping ending reporting done',
  workflow:
    'waiting queued assigned running backingOff cancelling fencing completed failed cancelled skipped',
  job: 'running cancelling completed failed cancelled',
}

describe('machines', () => {
  it('are all those that the names list', () => {
    expect(charts.map(({ id }) => id)).to.have.members(Object.keys(states))
  })

  it('take what is given to them last, for an object that begins with a spread grows by one slow store a field', () => {
    const grown = /context: \(\{ input \}\) => \(\{\s*\.\.\.input,(\s*\w+:[^,\n]*,){4}/
    const sources = workspaces().flatMap((workspace) =>
      workspace.name === '@covey/machines' ? workspace.sources : [],
    )
    expect(sources).to.include('machines/peer.machine.ts')
    expect(sources.filter((path) => grown.test(read(path)))).to.deep.equal([])
  })

  for (const chart of charts) {
    it(`${chart.id} has the listed states and no others`, () => {
      expect(Object.keys(chart.states)).to.have.members(states[chart.id]?.split(' ') ?? [])
    })

    it(`S-B5 ${chart.id} names nothing that does not exist, describes every state, and waits for nothing for ever`, () => {
      expect(lintMachine(chart)).to.deep.equal([])
    })

    it(`${chart.id} can enter every state`, () => {
      const all = Object.values(chart.states).map(({ id }) => id)
      expect([...reachableStates(chart)].map(({ id }) => id)).to.include.members(all)
    })
  }

  it('run with every effect bound', async () => {
    const bound = new Map<string, AnyStateMachine>()
    const record = ({ system }: Environment): void => {
      const { spawn } = system
      system.spawn = (logic, options) => {
        const machine: unknown = logic
        if (isMachine(machine)) bound.set(machine.id, machine)
        return spawn.call(system, logic, options)
      }
    }
    const world = createWorld({ seed: 1 })
    const managers: BreakersOptions[] = []
    world.node('m', {
      roles: ['manager'],
      parts: (env, members) => {
        record(env)
        managers.push({ env, members })
        return [createManagerPart(env, { shards: 1, members })]
      },
    })
    world.node('w', {
      parts: (env) => {
        record(env)
        const work = { name: 'work', policy: testPolicy, run: async () => 1 }
        return [createWorkerPart(env, { shards: 1, slots: 1, workflows: [work] })]
      },
    })
    const links = world.broker.open('client')
    const client = await connect({ links, cluster: 'test', clock: world.heap, random: world.random })
    await world.run(5_000)
    await world.awaiting(client.submit('work', 1, { id: 'job' }), 5_000)
    await world.awaiting(client.result('job'), 5_000)
    // A breaker is made by a failure.
    for (const breakers of managers.map((options) => new Breakers(options))) {
      breakers.noteOutcome({ worker: 'w', generation: 1, workflow: 'job/main', token: '1.1.1.0' }, false)
      breakers.stop()
    }
    await world.awaiting(client.close(), 5_000)
    await world.awaiting(links.close(), 5_000)
    await world.close()
    const acting = charts.filter((chart) => unboundEffects(chart, chart).length > 0)
    expect([...bound.keys()]).to.include.members(acting.map(({ id }) => id))
    const stubs = acting.flatMap((chart) =>
      unboundEffects(chart, bound.get(chart.id) ?? chart).map((effect) => `${chart.id} ${effect}`),
    )
    expect(stubs).to.deep.equal([])
  })
})
