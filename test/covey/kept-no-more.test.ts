import { HeapClock } from '@covey/engine'
import { CoveyError, defaultRetention, type ErrorCode } from '@covey/protocol'
import { expect } from 'chai'
import { defineWorkflow, type JobSummary } from 'covey'
import { NEVER, type Observable, of, Subject } from 'rxjs'
import { followedJob } from '../../packages/covey/src/client/followed-job.js'
import { jobList } from '../../packages/covey/src/client/job-list.js'
import type { TransitionOf } from '../../packages/covey/src/transitions/typed-transition.js'
import { ClusterWorld } from './cluster-world.js'

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
const line = ({ id, state, total, ended }: JobSummary): string => `${id} ${state} ${ended}/${total}`

/** What a stream has said. */
function hear<Value>(stream$: Observable<Value>) {
  const heard = {
    values: [] as Value[],
    isComplete: false,
    error: undefined as { code?: string } | undefined,
  }
  stream$.subscribe({
    next: (value) => heard.values.push(value),
    error: (error) => {
      heard.error = error
    },
    complete: () => {
      heard.isComplete = true
    },
  })
  return heard
}

describe('Streams of jobs of which nothing is kept', () => {
  let world: ClusterWorld

  beforeEach(async () => {
    world = new ClusterWorld()
    world.keeping = { retention: { ...defaultRetention, workflows: 0 }, snapshotEvents: 1_000 }
    const slow = defineWorkflow({
      name: 'slow',
      version: '1',
      run: () => new Promise((resolve) => world.clock.setTimeout(() => resolve(1), 3_000)),
    })
    await world.during(world.node('n1', undefined, [slow]).ready)
  })
  afterEach(() => world.close())

  it('jobs$ tells how they end and goes on, and who comes later is told nothing of them', async () => {
    const client = await world.client()
    const heard = hear(client.jobs$)
    for (const id of ['one', 'two']) {
      await world.during(client.submit('slow', 1, { id }))
      await world.pass(5_000)
    }
    expect(heard.error).to.equal(undefined)
    expect(heard.values.flat().map(line)).to.deep.equal([
      'one running 0/1',
      'one completed 1/1',
      'two running 0/1',
      'two completed 1/1',
    ])
    expect(hear(client.jobs$).values).to.deep.equal([[]])
  })

  it('transitions$ of a handle complete, also where it ended while nobody could tell', async () => {
    const client = await world.client()
    const job = await world.during(client.submit('slow', 1, { id: 'j' }))
    const heard = hear(job.transitions$)
    await world.pass(1_000)
    world.broker.cut('client-2')
    await world.pass(20_000)
    expect(heard.isComplete).to.equal(false)
    world.broker.heal('client-2')
    await world.pass(15_000)
    expect([heard.error, heard.isComplete]).to.deep.equal([undefined, true])
  })

  it('transitions$ of a handle error with expired once it is kept no more', async () => {
    const client = await world.client()
    await world.during((await world.during(client.submit('slow', 1, { id: 'j' }))).ended())
    await world.pass(100)
    const heard = hear(client.handle('j').transitions$)
    await world.pass(100)
    expect(heard.error).to.have.property('code', 'expired')
  })
})

describe('A stream of a job that nobody knows any more', () => {
  const running: JobSummary = { id: 'j', state: 'running', total: 1, ended: 0 }
  const absent = (code: ErrorCode) => Promise.reject(new CoveyError(code, 'no job j'))
  let clock: HeapClock

  beforeEach(() => {
    clock = new HeapClock()
  })

  const pass = async (durationMs: number): Promise<void> => {
    const endMs = clock.now() + durationMs
    for (await turn(); clock.now() < endMs; await turn()) clock.runUntil(Math.min(endMs, clock.now() + 100))
    await turn()
  }

  for (const code of ['not_found', 'expired'] as const) {
    it(`jobs$ leaves it out, and asks for it no more: ${code}`, async () => {
      let asked = 0
      const summary = () => {
        asked += 1
        return absent(code)
      }
      const jobs$ = jobList({ clock, transitions$: NEVER, list: async () => [running], summary })
      const heard = hear(jobs$)
      await pass(5_000)
      expect([heard.error, asked]).to.deep.equal([undefined, 1])
      expect(hear(jobs$).values).to.deep.equal([[]])
    })
  }

  it('jobs$ is not brought back to it by an answer that was on its way', async () => {
    const transitions$ = new Subject<TransitionOf<'job'>>()
    const answers: ((summary: JobSummary) => void)[] = []
    const summary = (): Promise<JobSummary> =>
      answers.length > 0 ? absent('expired') : new Promise((resolve) => answers.push(resolve))
    const jobs$ = jobList({ clock, transitions$, list: async () => [running], summary })
    const heard = hear(jobs$)
    await pass(1_500)
    const told = { node: 'n', generation: 1, kind: 'job', actor: 'j', elapsedMs: 0 } as const
    const at = { shard: 0, sequence: 9, index: 1 }
    transitions$.next({ ...told, from: 'completed', event: '', to: '', at })
    for (const answer of answers) answer({ ...running, total: 2 })
    await pass(100)
    expect(heard.values.flat().map(line).slice(0, 2)).to.deep.equal(['j running 0/1', 'j completed 1/1'])
    expect(hear(jobs$).values).to.deep.equal([[]])
  })

  it('transitions$ of a handle complete where it was let go of before any of it was told', async () => {
    const answers = [() => Promise.resolve(running), () => Promise.resolve(running), () => absent('expired')]
    const heard = hear(
      followedJob('j', {
        clock,
        transitions: () => NEVER,
        summary: () => (answers.shift() ?? (() => absent('not_found')))(),
        ending: () => of(undefined),
      }),
    )
    await pass(1_500)
    expect(heard.isComplete).to.equal(false)
    await pass(1_500)
    expect([heard.error, heard.isComplete, clock.size]).to.deep.equal([undefined, true, 0])
  })
})
