import { drawTrace, garbageObjects, missingObjects, parseTrace, traceText } from '@covey/simulator'
import { expect } from 'chai'
import { StagedJobs } from './staged-jobs.js'

const bytes = 300_000
const body = (token: string): Buffer => Buffer.alloc(bytes, `${token} `)

describe('What is judged of large results in a simulation', () => {
  let stage: StagedJobs
  let token: string

  const look = (name: string): readonly string[] => stage.look(name)
  const store = (under: string, part: number): unknown =>
    stage.objects.push(stage.subjects.resultPart(0, 'j/a', under, part))
  const complete = (to = 'completed'): void => {
    const stored = { token, parts: 2, bytes, digest: '0'.repeat(64) }
    stage.say('3.0', { kind: 'completed', workflow: 'j/a', token, stored })
    stage.tell('j/a', 'assigned', 'workflow.completed', to, '3.0')
  }
  const gone = new Set<string>()
  const isGone = (job: string): boolean => gone.has(job)
  const kept = (): readonly string[] => missingObjects(stage.jobs, 'test', isGone)
  const garbage = (): readonly string[] => garbageObjects(stage.jobs, 'test', isGone)

  beforeEach(() => {
    stage = new StagedJobs()
    stage.expected.set('j/a', { job: 'j', sum: 1, work: 'steady', bytes })
    token = stage.assign('j/a', 2)
    stage.run('j/a', token).endMs = stage.nowMs
    store(token, 0)
  })

  it('K36 is content where all parts are there, and the client has what was given', () => {
    store(token, 1)
    complete()
    stage.answer('result', 'j/a', 'completed', { sum: 1, token, body: body(token) })
    for (const name of stage.names) expect(look(name), name).to.deep.equal([])
    expect([...kept(), ...garbage()]).to.deep.equal([])
  })

  it('K36 sees that something is told to be completed before its parts are there, and where one is gone', () => {
    complete()
    const told = 'j/a is completed under 1.1.2.0, and 1 of 2 parts are there'
    expect(look('whole-results')).to.deep.equal([told])
    expect(look('whole-results')).to.deep.equal([])
    expect(kept()).to.deep.equal([told])
  })

  it('K39 asks for no parts of what was completed while it was being cancelled', () => {
    complete('cancelled')
    stage.objects.pop()
    expect([...look('whole-results'), ...kept()]).to.deep.equal([])
  })

  it('K36 K11 lets go what was stored before a copy of the store was put back, and nothing that came later', () => {
    stage.copiedAtMs = stage.nowMs
    complete()
    expect([...look('whole-results'), ...kept()]).to.deep.equal([])
    stage.copiedAtMs = stage.nowMs - 1
    expect(kept()).to.have.length(1)
  })

  it('K36 sees what is kept of attempts by which nothing has completed, once for all its parts', () => {
    store(token, 1)
    complete()
    store('1.1.1.0', 0)
    store('1.1.1.0', 1)
    stage.objects.push('covey.test.object.0.snapshot.9.0')
    expect(garbage()).to.deep.equal(['the result of j/a under 1.1.1.0'])
  })

  it('K36 sees what is kept of a workflow that was cancelled', () => {
    stage.tell('j/a', 'cancelling', 'worker.confirmed', 'cancelled', '3.0')
    expect(garbage()).to.deep.equal(['the result of j/a under 1.1.2.0'])
  })

  it('K36 sees that a client, or who depends on it, is told that a result is lost', () => {
    stage.answer('result', 'j/a', 'lost')
    stage.say('4.0', { kind: 'failed', workflow: 'j/b', token: '1.1.3.0', code: 'result_lost' })
    const [client, dependent] = look('whole-results')
    expect(client).to.include('client0 was told that a result is lost')
    expect(dependent).to.include('j/b failed under 1.1.3.0')
  })

  const wrong: readonly [what: string, given: (token: string) => unknown][] = [
    ['none', () => undefined],
    ['the bytes of another attempt', () => body('1.1.1.0')],
    ['some of the bytes', (own) => body(own).subarray(1)],
  ]
  for (const [what, given] of wrong)
    it(`7 sees that a client gets ${what}`, () => {
      complete()
      stage.answer('result', 'j/a', 'completed', { sum: 1, token, body: given(token) })
      expect(look('true-results')[0]).to.include(`has not the ${bytes} bytes`)
    })

  it('is drawn from seed 60,801 on, and seeds below it mean what they meant', () => {
    const drawn = (seed: number) => drawTrace({ seed, nodes: 5, minutes: 1, kinds: [], jobs: 12 })
    const large = ({ errands = [] }: ReturnType<typeof drawn>): readonly number[] =>
      errands.flatMap((errand) =>
        errand.kind === 'submit' ? errand.steps.flatMap((step) => (step.bytes ? [step.bytes] : [])) : [],
      )
    expect(large(drawn(60_800))).to.deep.equal([])
    const some = large(drawn(60_801))
    expect(some).to.have.length.above(2)
    expect(Math.min(...some)).to.be.above(256 * 1_024)
    expect(parseTrace(JSON.parse(traceText(drawn(60_801))))).to.deep.equal(drawn(60_801))
  })
})
