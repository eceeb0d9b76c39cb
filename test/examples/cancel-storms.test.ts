import type { LaunchedCluster } from '@covey/cli'
import { expect } from 'chai'
import { type CancelOutcome, type Client, type ClusterStatus, CoveyError } from 'covey'
import { launchCrew } from '../../examples/word-count/src/crew.js'
import { CancelStorms } from '../../examples/word-count/src/long-chaos/cancel-storms.js'
import { departedUntouched } from '../../examples/word-count/src/long-chaos/departed-untouched.js'
import { linesOf, wrongOf } from '../../examples/word-count/src/long-chaos/findings.js'
import { judgeStorm, type StormFacts } from '../../examples/word-count/src/long-chaos/judge-storm.js'
import { planStorm, type StormAim } from '../../examples/word-count/src/long-chaos/plan-storm.js'
import { heardWithin } from '../../examples/word-count/src/long-chaos/until-heard.js'
import { recordTerminal } from '../cli/recorded-terminal.js'
import { rejection } from '../covey/client-world.js'

const holdMs = { first: 1, second: 2, apart: 3 }
const cancelled = { state: 'cancelled' }
const ended = (value: unknown) => ({ state: 'completed', value })
const ends = { first: ended(1), second: ended(2), apart: ended(3) }
const allCancelled = { first: cancelled, second: cancelled, apart: cancelled }

const jobOf = (aim: StormAim, what: StormFacts['jobs'][number]['ends']) => ({
  id: aim,
  aim,
  holdMs,
  ends: what,
})
const answersTo = (id: string, ...outcomes: CancelOutcome[]) => outcomes.map((outcome) => ({ id, outcome }))
const judge = (facts: Partial<StormFacts>) => judgeStorm({ jobs: [], outcomes: [], swept: 0, ...facts })

describe('a storm of cancels', () => {
  it('is the same for the same seed, and meets jobs by id, by step, by filter, and not at all', () => {
    const plan = planStorm(1, 7)
    expect(planStorm(1, 7)).to.deep.equal(plan)
    expect(planStorm(1, 8)).not.to.deep.equal(plan)
    expect(new Set(plan.jobs.map(({ aim }) => aim))).to.deep.equal(
      new Set(['job', 'step', 'filter', 'nothing']),
    )
    expect(plan.waitsMs).to.have.length(3)
  })

  it('H4 is in order on a real cluster: one caller did it, the others hear so, the rest is exact', async function () {
    this.timeout(60_000)
    const terminal = recordTerminal()
    let cluster: LaunchedCluster | undefined
    try {
      const wish = { transport: 'memory', inspect: false, servers: 1, shards: 1 } as const
      cluster = await launchCrew(wish, terminal, new AbortController().signal)
      const client = await cluster.connect()
      const storms = new CancelStorms(client, 7, terminal.say)
      storms.begin(0.5)
      const report = await storms.over()
      await client.close()
      expect(report.wrong).to.deep.equal([])
      expect(report.cancels).to.equal(3 * (12 * 5 + 2))
      // Six jobs that nobody cancels, and in six others the step that stands apart.
      expect(report.completed).to.be.at.least(6 * 3 + 6)
      expect(report.cancelled).to.be.at.least(1)
      expect(report.cancelled + report.completed).to.equal(24 * 3)
    } finally {
      await cluster?.stop()
      terminal.remove()
    }
  })
})

describe('a storm that nobody answers', () => {
  const silent = async (): Promise<never> => {
    throw new CoveyError('no_leader', 'nobody leads')
  }

  it('ends by its deadline, and is named among what is wrong', async () => {
    const client = { submitJob: silent } as unknown as Client
    const storms = new CancelStorms(client, 7, () => undefined, 0)
    storms.begin(0.5)
    storms.begin(0.6)
    const { wrong } = await storms.over()
    expect(wrong).to.deep.equal(
      [1, 2].map(
        (number) => `storm ${number} of cancels did not come to its end, for which it had 0 s: nobody leads`,
      ),
    )
  })

  it('gives each call no more time than is left, and repeats none that would begin after it', async () => {
    const left: number[] = []
    const hear = heardWithin(0)
    for (const code of ['no_leader', 'unreachable', 'deadline'] as const) {
      const call = async (leftMs: number): Promise<never> => {
        left.push(leftMs)
        throw new CoveyError(code, 'nobody')
      }
      expect(await rejection(hear(call))).to.have.property('code', code)
    }
    expect(left).to.deep.equal([1, 1, 1])
    const [leftMs] = [await heardWithin(60_000)(async (ms) => ms)]
    expect(leftMs).to.be.within(1, 60_000)
  })
})

describe('the judge of storms', () => {
  it('accepts what is in order', () => {
    const jobs = [
      jobOf('job', allCancelled),
      jobOf('step', { ...ends, first: cancelled, second: cancelled }),
      jobOf('filter', { ...ends, apart: cancelled }),
      jobOf('nothing', ends),
    ]
    const outcomes = [
      ...answersTo('job/first', 'ALREADY_CANCELLED', 'CANCELLED', 'ALREADY_CANCELLED'),
      ...answersTo('job/second', 'PENDING_CANCELLED'),
    ]
    expect(judge({ jobs, outcomes, swept: 1 })).to.deep.equal([])
  })

  it('finds what was lost, what failed, and what was cancelled though nobody wanted that', () => {
    const jobs = [
      jobOf('job', { ...allCancelled, second: { state: 'lost (late)' } }),
      jobOf('filter', { ...allCancelled, first: { state: 'failed' } }),
      jobOf('nothing', { ...ends, apart: cancelled }),
      jobOf('step', { ...ends, apart: cancelled }),
    ]
    expect(judge({ jobs })).to.deep.equal([
      'job/second is lost (late) after its cancel',
      'filter/first is failed after its cancel',
      'nothing/apart is cancelled although nobody cancelled it',
      'step/apart is cancelled although nobody cancelled it',
    ])
  })

  it('finds a result that is not exact', () => {
    expect(judge({ jobs: [jobOf('nothing', { ...ends, second: ended(1) })] })).to.deep.equal([
      'nothing/second came to 1 in place of 2',
    ])
  })

  it('finds answers that do not go with the end, and two that both did it', () => {
    const jobs = [jobOf('job', { ...allCancelled, second: ended(2) })]
    const outcomes = [
      ...answersTo('job/first', 'CANCELLED', 'PENDING_CANCELLED', 'ALREADY_COMPLETED'),
      ...answersTo('job/second', 'ALREADY_CANCELLED', 'NOT_FOUND'),
    ]
    expect(judge({ jobs, outcomes })).to.deep.equal([
      'job/first was cancelled by more than one caller',
      'job/first was answered as ALREADY_COMPLETED, and is cancelled',
      'job/second was answered as ALREADY_CANCELLED, and is completed',
      'job/second was answered as NOT_FOUND, and is completed',
    ])
  })

  it('finds a filter that counts more than it has cancelled', () => {
    expect(judge({ jobs: [jobOf('filter', { ...ends, apart: cancelled })], swept: 2 })).to.deep.equal([
      'a filter was told of 2 workflows cancelled by it, and 1 are',
    ])
  })
})

describe('the findings of npm run chaos', () => {
  const blows = {
    kills: 2,
    freezes: 1,
    brokerKills: 1,
    storms: 1,
    struck: new Set(['a', 'b']),
    stopped: ['b'],
  }
  const cancels = { cancels: 186, cancelled: 30, completed: 42, wrong: [] }
  const good = { blows, cancels, jobs: 2, workflows: 200, inexact: [], unequal: [], departed: [] }

  it('say what was done and what was found', () => {
    expect(wrongOf(good)).to.deep.equal([])
    expect(linesOf(good)).to.deep.equal([
      'done: kill -9 of nodes 2, SIGSTOP of nodes 1, nodes struck 2; kill -9 of the broker 1; storms 1, cancels 186',
      'found: counts exact 2 of 2, workflows in them 200; cancelled in storms 30, spared and exact 42, wrong ends and answers 0; departed untouched 0; views unequal 0',
    ])
  })

  it('name all that is wrong', () => {
    const bad = {
      ...good,
      ...{
        inexact: ['word-count-1: NOT EXACT'],
        unequal: ['a sees b as nobody'],
        departed: ['c has departed'],
      },
      cancels: { ...cancels, wrong: ['x is lost'] },
    }
    expect(wrongOf(bad)).to.deep.equal([
      'word-count-1: NOT EXACT',
      'x is lost',
      'c has departed',
      'a sees b as nobody',
    ])
    expect(linesOf(bad).filter((line) => line.startsWith('chaos: WRONG: '))).to.have.length(4)
  })

  it('K14 name a node that has departed more often than its process ended or was stopped', async () => {
    const nodes = [
      { id: 'a', generation: 3 },
      { id: 'b', generation: 1 },
      { id: 'c', generation: 3 },
    ]
    const client = { status: async () => ({ nodes }) as unknown as ClusterStatus }
    expect(await departedUntouched(client, ['a', 'b', 'c', 'd'], ['a', 'c', 'a'])).to.deep.equal([
      'c is in generation 3, and had reason for 2',
      'd is in generation undefined, and had reason for 1',
    ])
  })
})
