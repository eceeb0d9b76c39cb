import { drawTrace, type JobsView, parseTrace, streamFaults, traceText } from '@covey/simulator'
import { expect } from 'chai'
import { StagedJobs } from './staged-jobs.js'

/** Who is told, and in which life of the log. */
interface More {
  readonly by?: string
  readonly streamEpoch?: number
}
type Transition = JobsView['streams']['transitions'][number]['transition']

describe('What is judged of the streams of clients in a simulation', () => {
  const client = 'client0-1'
  let stage: StagedJobs

  const at = (place: string, streamEpoch = 1) => {
    const [sequence = 0, index = 0] = place.split('.').map(Number)
    return { shard: 0, streamEpoch, sequence, index }
  }
  /** A process of a client is told of a workflow, or of a job where there is no step in its id. */
  const hear = (actor: string, from: string, to: string, place: string, more: More = {}): void => {
    const { by = client, streamEpoch = 1 } = more
    const kind = actor.includes('/') ? 'workflow' : 'job'
    const told = { node: 'm1', generation: 1, kind, actor, from, event: 'x', to, at: at(place, streamEpoch) }
    stage.streams.transitions.push({ client: by, transition: { ...told, elapsedMs: 0 } as Transition })
  }
  const lead = (actor: string, from: string, to: string, place: string): void =>
    stage.tell(actor, from, 'x', to, place)
  const list = (state: string, ended: number, total = 2): void => {
    stage.streams.lists.push({ client, job: { id: 'j', state, total, ended } })
  }
  const report = (token: string, number: number, value: unknown = { token, part: 0 }): void => {
    stage.streams.progress.push({ client, progress: { workflow: 'j/a', token, number, value } })
  }
  const gaps = (): readonly string[] => stage.look('gapless-streams')

  beforeEach(() => {
    stage = new StagedJobs()
    for (const id of ['j/a', 'j/b']) stage.expected.set(id, { job: 'j', sum: 1, work: 'steady' })
    lead('j/a', '', 'queued', '2.0')
    lead('j/a', 'queued', 'assigned', '3.0')
    lead('j/a', 'assigned', 'running', '4.0')
  })

  it('K42 is content where each is told what leaders have told, from where it began to read', () => {
    hear('j/a', '', 'queued', '2.0')
    hear('j/a', 'queued', 'running', '4.0')
    hear('j/a', '', 'assigned', '3.0', { by: 'client1-1' })
    expect(gaps()).to.deep.equal([])
  })

  it('K42 sees a gap, also where the first that a process is told is no beginning', () => {
    hear('j/a', '', 'queued', '2.0')
    hear('j/a', 'assigned', 'running', '4.0')
    hear('j/a', 'queued', 'assigned', '3.0', { by: 'client1-1' })
    expect(gaps()).to.deep.equal([
      'client0-1 was told that j/a went from assigned to running at 4.0, after queued',
      'client1-1 was told that j/a went from queued to assigned at 3.0, after nothing',
    ])
    expect(gaps()).to.deep.equal([])
  })

  it('K42 sees an older place after a newer one, unless the log was put back in between', () => {
    hear('j/a', '', 'running', '4.0')
    hear('j/a', 'running', 'assigned', '3.0')
    hear('j/a', 'assigned', 'queued', '2.0', { streamEpoch: 2 })
    expect(gaps()).to.deep.equal([
      'client0-1 was told that j/a went from running to assigned at 3.0, after 4.0',
    ])
  })

  it('K42 sees what no leader has told, there or anywhere', () => {
    hear('j/a', '', 'running', '3.0')
    hear('j/b', '', 'queued', '2.0')
    expect(gaps()).to.have.length(2)
    expect(gaps()).to.deep.equal([])
  })

  it('K42 sees that what has not ended is told to be kept no more', () => {
    hear('j/a', '', 'queued', '2.0')
    hear('j/a', 'queued', '', '2.0')
    expect(gaps()[0]).to.include('j/a went from queued to nothing at 2.0, and it has not ended')
    stage.ends.set('j', { state: 'completed', atMs: 0, at: '9.0' })
    hear('j/a', '', 'queued', '2.0')
    hear('j/a', 'queued', '', '2.0')
    expect(gaps()).to.deep.equal([])
  })

  it('K42 sees that the stream of a job ends before all has been told', () => {
    const states = new Map([
      ['j', 'completed'],
      ['j/a', 'completed'],
      ['j/b', 'running'],
    ])
    stage.streams.ended.push({ client, job: 'j', states })
    expect(gaps()).to.deep.equal(['client0-1 was told nothing more of j, and not how j/b ended'])
    stage.streams.ended.push({ client, job: 'j', states: new Map(states).set('j/b', 'skipped') })
    expect(gaps()).to.deep.equal([])
    stage.gone.set('j', { atMs: 0, at: '9.1' })
    stage.streams.ended.push({ client, job: 'j', states })
    expect(gaps()).to.deep.equal([])
  })

  it('sees a list in which what has ended goes on, and one of other workflows than it has', () => {
    list('running', 0)
    list('running', 1)
    list('completed', 2)
    expect(stage.look('standing-lists')).to.deep.equal([])
    list('cancelled', 2)
    list('cancelled', 1)
    list('running', 0, 3)
    expect(stage.look('standing-lists')).to.have.length(3)
  })

  it('sees progress that goes back, comes twice, is of another attempt, or of none that has run', () => {
    for (const token of ['1.1.3.0', '1.1.5.0']) stage.run('j/a', token)
    const look = () => stage.look('growing-progress')
    report('1.1.3.0', 1)
    report('1.1.3.0', 4)
    report('1.1.5.0', 1)
    expect(look()).to.deep.equal([])
    report('1.1.5.0', 1)
    report('1.1.3.0', 9)
    report('1.1.5.0', 2, { token: '1.1.3.0', part: 0 })
    report('1.1.7.0', 1)
    expect(look()).to.have.length(4)
  })

  it('K42 compares what was told last with what is there when all is over', () => {
    const described = new Map([['j', new Map([['j/a', 'running']])]])
    lead('j', '', 'running', '2.1')
    hear('j/a', '', 'assigned', '3.0')
    expect(streamFaults(stage.jobs, described)).to.deep.equal([
      'client0-1 was told last of j/a assigned, and not running',
      'client0-1 was told last of j nowhere in its list, and nothing in its stream',
    ])
    hear('j/a', 'assigned', 'running', '4.0')
    hear('j', '', 'completed', '5.0')
    list('completed', 2)
    expect(streamFaults(stage.jobs, described)).to.deep.equal([])
    const told = ['j/a running', 'j completed'].map(
      (what) => `client0-1 was told last of ${what}, which nobody has`,
    )
    expect(streamFaults(stage.jobs, new Map([['j', 'expired' as const]]))).to.deep.equal(told)
    hear('j/a', 'running', '', '6.0')
    hear('j', 'completed', '', '6.0')
    expect(streamFaults(stage.jobs, new Map([['j', 'expired' as const]]))).to.deep.equal([])
  })

  it('is drawn for every second seed from 130,000 on, and seeds below it mean what they meant', () => {
    const drawn = (seed: number) => drawTrace({ seed, nodes: 5, minutes: 1, kinds: [], jobs: 3 })
    const seeds = Array.from({ length: 40 }, (_, index) => 130_000 + index)
    const read = seeds.filter((seed) => drawn(seed).streams)
    expect(read).to.have.length.within(12, 28)
    expect(drawn(129_999)).to.not.have.property('streams')
    for (const seed of read) expect(parseTrace(JSON.parse(traceText(drawn(seed))))).to.deep.equal(drawn(seed))
  })
})
