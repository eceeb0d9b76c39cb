import {
  type DefineJobInvariant,
  drawTrace,
  faultKinds,
  invariants,
  type JobsView,
  jobInvariants,
  simulate,
  simulationOf,
  type Trace,
} from '@covey/simulator'
import { expect } from 'chai'

type Execution = JobsView['executions'][number]

const isBeside = ({ place, process }: Execution): boolean => place !== process
const isEndedThere = (execution: Execution): boolean =>
  isBeside(execution) && execution.place.isDead && execution.endMs === undefined

describe('A simulation with isolated work in it', function () {
  // Much to compute, on a machine that may be busy.
  this.timeout(60_000)

  /** Runs a trace under all invariants; `see` is shown the work after every step. */
  async function run(trace: Trace, see: (jobs: JobsView) => void = () => undefined): Promise<JobsView> {
    const seen: JobsView[] = []
    const look: DefineJobInvariant = ({ jobs }) => {
      seen.push(jobs)
      return {
        name: 'look',
        look: () => {
          see(jobs)
          return []
        },
      }
    }
    const { violation } = await simulate(simulationOf(trace), invariants, undefined, [...jobInvariants, look])
    expect(violation).to.equal(undefined)
    const [jobs] = seen
    if (jobs === undefined) throw new Error('nobody looked')
    return jobs
  }

  /** A job of functions that hear of no stop, in three threads and three processes, and what goes wrong. */
  function deafWork(...faults: Trace['faults']): Trace {
    const works = ['threaded', 'forked', 'threaded', 'forked', 'threaded', 'forked'] as const
    const steps = works.map((work, index) => ({
      ...{ step: `s${index}`, work, ms: 60_000, fails: 0, deaf: true, after: [] },
    }))
    const errands: Trace['errands'] = [
      { kind: 'submit', atMs: 3_000, client: 1, job: 'j1', twice: false, steps },
    ]
    const world = drawTrace({ seed: 100_001, nodes: 4, minutes: 0.5, kinds: [] })
    return { ...world, faults, errands }
  }

  it('holds every invariant under every fault, and all work ends (seed 100,008)', async () => {
    const size = { nodes: 4, minutes: 0.1, pauseMs: 900, jobs: 6 }
    const { executions } = await run(drawTrace({ seed: 100_008, ...size, kinds: faultKinds }))
    // There was something to judge: both kinds, and code whose thread or process was ended before it returned.
    const beside = executions.filter(isBeside)
    expect(beside.filter(({ work }) => work === 'threaded')).to.have.length.above(2)
    expect(beside.filter(({ work }) => work === 'forked')).to.have.length.above(2)
    expect(executions.filter(isEndedThere)).to.have.length.above(2)
  })

  it('K7 ends it in time where its worker sees the end of its lease late', async () => {
    const jobs = await run(deafWork({ kind: 'stall', node: 'n4', atMs: 4_700, forMs: 6_000 }))
    expect(jobs.executions.filter(isEndedThere)).to.have.length.above(5)
  })

  it('K28 ends a process whose event loop stands still past the lease, its threads with it', async () => {
    const jobs = await run(deafWork({ kind: 'stall', node: 'n4', atMs: 4_700, forMs: 12_000 }))
    const gone = jobs.executions.filter((execution) => execution.process.isDead)
    expect(gone.map(({ work }) => work)).to.include('threaded')
    expect(gone.filter(isEndedThere)).to.have.length(gone.length)
  })

  it('K28 ends it too where that begins only when the lease is over and its work has its grace', async () => {
    const cut = { kind: 'cut', node: 'n4', atMs: 4_700, forMs: 20_000, direction: 'both' } as const
    const stall = { kind: 'stall', node: 'n4', atMs: 10_200, forMs: 12_000 } as const
    let stopping = 0
    const jobs = await run(deafWork(cut, stall), ({ running }) => {
      const held = running().filter(({ process }) => process.name === 'n4' && process.goesOnForMs() === 0)
      stopping = Math.max(stopping, held.length)
    })
    expect(stopping).to.equal(3)
    expect(jobs.executions.filter(isEndedThere)).to.have.length.above(2)
  })

  it('K28 ends a process at the end of its lease, though its node is stopped and it is not', async () => {
    const ended = new Set<string>()
    await run(deafWork({ kind: 'freeze', node: 'n3', atMs: 4_700, forMs: 25_000 }), ({ executions }) => {
      for (const execution of executions) {
        const { work, process } = execution
        if (process.goesOnForMs() === 0 && isEndedThere(execution)) ended.add(work)
      }
    })
    expect([...ended]).to.deep.equal(['forked'])
  })
})
