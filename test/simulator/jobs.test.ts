import {
  type DefineInvariant,
  type DefineJobInvariant,
  drawTrace,
  faultKinds,
  invariants,
  type JobsView,
  jobInvariants,
  parseFaultKinds,
  parseTrace,
  queueFaults,
  simulate,
  simulationOf,
  type Trace,
  traceText,
} from '@covey/simulator'
import { expect } from 'chai'

const size = { nodes: 4, minutes: 0.1, pauseMs: 900, jobs: 6 }
const drawn = (seed: number, kinds = faultKinds): Trace => drawTrace({ seed, ...size, kinds })

describe('A simulation with work in it', function () {
  // Much to compute, on a machine that may be busy.
  this.timeout(60_000)

  it('ends in the same digest, after as many steps, whenever it is run, and from its file', async () => {
    const first = await simulate(simulationOf(drawn(3)))
    expect(await simulate(simulationOf(parseTrace(JSON.parse(traceText(drawn(3))))))).to.deep.equal(first)
    const quiet = await simulate(simulationOf({ ...drawn(3), errands: [] }))
    expect(quiet.digest).not.to.equal(first.digest)
  })

  for (const seed of [1, 2, 3, 4, 5, 6]) {
    it(`holds every invariant under every fault, and all work ends (seed ${seed})`, async () => {
      const { violation } = await simulate(simulationOf(drawn(seed)))
      const replay = `covey sim --seed ${seed} --nodes 4 --minutes 0.1 --pause 0.9 --jobs 6`
      expect(violation, replay).to.equal(undefined)
    })
  }

  it('runs what a definition requires labels for, and holds every invariant (seed 16)', async () => {
    const ran: string[] = []
    const listen: DefineJobInvariant = ({ jobs }) => ({
      name: 'listen',
      look: () => {
        for (const { workflow, work } of jobs.executions.slice(ran.length)) ran.push(`${work} ${workflow}`)
        return []
      },
    })
    const trace = drawTrace({ seed: 16, ...size, nodes: 5, kinds: faultKinds })
    const { violation } = await simulate(simulationOf(trace), invariants, undefined, [
      ...jobInvariants,
      listen,
    ])
    expect(violation, 'covey sim --seed 16 --nodes 5 --minutes 0.1 --pause 0.9 --jobs 6').to.equal(undefined)
    expect(ran.filter((execution) => execution.startsWith('fitted '))).to.have.length.above(2)
  })

  for (const [seed, shards] of [
    [10, 2],
    [8, 4],
  ] as const) {
    it(`K50 holds every invariant with ${shards} shards, which change hands (seed ${seed})`, async () => {
      const steps: string[] = []
      const listen: DefineInvariant = ({ changed }) => ({
        name: 'listen',
        look: () => {
          for (const { transitions } of changed())
            for (const { actor, event } of transitions) steps.push(`${actor} ${event}`)
          return []
        },
      })
      let jobs: JobsView | undefined
      const look: DefineJobInvariant = (scene) => {
        jobs = scene.jobs
        return { name: 'look', look: () => [] }
      }
      const trace = drawTrace({ seed, ...size, nodes: 5, shards, kinds: faultKinds })
      const all = [...invariants, listen]
      const { violation } = await simulate(simulationOf(trace), all, undefined, [...jobInvariants, look])
      const replay = `covey sim --seed ${seed} --nodes 5 --minutes 0.1 --pause 0.9 --jobs 6 --shards ${shards}`
      expect(violation, replay).to.equal(undefined)
      const won = steps.filter((step) => /^leadership\.\d claim\.won$/.test(step))
      expect([new Set(won).size, won.length > shards]).to.deep.equal([shards, true])
      expect(steps.some((step) => step.endsWith('leadership.release'))).to.equal(true)
      const required = [...(jobs?.expected ?? [])].filter(([, { requires }]) => requires.length > 0)
      const ran = new Set(jobs?.executions.map(({ workflow }) => workflow))
      expect(required.filter(([id]) => ran.has(id))).not.to.deep.equal([])
      // There was something to judge: credits, counts beside words, and totals that clients were told.
      for (const { given, words } of jobs?.logs.all ?? []) {
        expect(given).not.to.deep.equal([])
        expect(words.filter(({ statistics }) => statistics !== undefined)).not.to.deep.equal([])
      }
      expect(jobs?.totals.filter(({ windows }) => windows.length > 0)).to.have.length.above(12)
      expect(jobs?.counts.filter(({ windows }) => windows.length > 0)).to.have.length.above(12)
    })
  }

  for (const [seed, shards] of [
    [53, 1],
    [61, 4],
  ] as const) {
    it(`K11 holds every invariant where older copies of the stores are put back (seed ${seed})`, async () => {
      let logs: JobsView['logs'] | undefined
      const listen: DefineJobInvariant = ({ jobs }) => {
        logs = jobs.logs
        return { name: 'listen', look: () => [] }
      }
      const kinds = parseFaultKinds('crash,restore')
      const trace = drawTrace({ seed, ...size, minutes: 0.3, pauseMs: 2_000, shards, kinds })
      const { violation } = await simulate(simulationOf(trace), invariants, undefined, [
        ...jobInvariants,
        listen,
      ])
      const replay = `covey sim --seed ${seed} --nodes 4 --minutes 0.3 --pause 2 --jobs 6 --shards ${shards}`
      expect(violation, `${replay} --faults crash,restore`).to.equal(undefined)
      const raised = logs?.all.filter(({ messages }) => messages.some(({ streamEpoch }) => streamEpoch > 1))
      expect(raised).to.have.length(shards)
    })
  }

  it('24 says what was cancelled and does not stop', async () => {
    // A leader tells of nothing any more once its log is full, and what it was to tell last is the end of a cancel.
    const steps = [{ step: 's0', work: 'deaf' as const, ms: 5_000, fails: 0, after: [] }]
    const errands: Trace['errands'] = [
      { kind: 'submit', atMs: 0, client: 0, job: 'j1', twice: false, steps },
      { kind: 'cancel', atMs: 1_000, client: 0, job: 'j1' },
    ]
    const fullFrom: DefineInvariant = ({ world }) => {
      let sinceMs = Number.POSITIVE_INFINITY
      return {
        name: 'full-from',
        look: () => {
          const nowMs = world.heap.now()
          if (nowMs - sinceMs > 3_000) world.broker.faults.storeBytesMax.log = 0
          else if (sinceMs > nowMs && hasFormed) sinceMs = nowMs
          return []
        },
      }
    }
    let hasFormed = false
    const onFormed = (): void => {
      hasFormed = true
    }
    const simulation = simulationOf({ ...drawn(1, []), errands })
    const { violation } = await simulate(simulation, [...invariants, fullFrom], onFormed)
    expect(violation).to.deep.include({ invariant: 'bounded-cancels' })
    expect(violation?.what).to.include('j1/s0 has been cancelled')
  })

  it('23 says which work does not end', async () => {
    const fullForGood: DefineInvariant = ({ world }) => ({
      name: 'full-for-good',
      look: () => {
        world.broker.faults.storeBytesMax.log = 0
        return []
      },
    })
    const { violation } = await simulate(simulationOf(drawn(1, [])), [...invariants, fullForGood])
    expect(violation?.invariant).to.equal('settlement')
    expect(violation?.what).to.include('submit j1 of client')
  })
})

describe('25 the balance of all work', () => {
  const seen = (told: readonly [string, string][] = [], ran: readonly string[] = ['j/a']) =>
    ({
      expected: new Map([
        ['j/a', { job: 'j', sum: 1, work: 'steady' }],
        ['j/b', { job: 'j', sum: 2, work: 'steady' }],
      ]),
      ends: new Map(told.map(([id, state]) => [id, { state, atMs: 0, at: '1.0' }])),
      answers: [{ client: 'client0', kind: 'ended', about: 'j', said: 'failed' }],
      executions: ran.map((workflow) => ({ workflow })),
      reopened: new Map(),
      logs: { of: () => ({ lost: new Set() }) },
    }) as unknown as JobsView
  const states = (a?: string, b?: string, more: readonly [string, string][] = []) =>
    new Map([
      ['j', new Map([...(a ? [['j/a', a] as const] : []), ...(b ? [['j/b', b] as const] : []), ...more])],
    ])

  it('is content with what was offered, and has ended once', () => {
    expect(queueFaults(seen([['j/a', 'failed']]), states('failed', 'skipped'))).to.deep.equal([])
  })

  const wrong: readonly [what: string, view: JobsView, described: ReturnType<typeof states>, told: string][] =
    [
      ['what is lost', seen(), states('failed'), 'j/b is lost'],
      ['what has not ended', seen(), states('failed', 'queued'), 'j/b is queued, and all is over'],
      [
        'what was told otherwise',
        seen([['j/a', 'failed']]),
        states('cancelled', 'skipped'),
        'was told to be failed',
      ],
      ['what completed without a run', seen([], []), states('completed', 'failed'), 'never ran'],
      ['what was skipped and ran', seen(), states('skipped', 'failed'), 'is skipped, and ran'],
      ['what nobody offered', seen(), states('failed', 'skipped', [['j/c', 'failed']]), 'was never offered'],
      [
        'a job that is not as its workflows',
        seen([], ['j/a', 'j/b']),
        states('completed', 'completed'),
        'j is failed',
      ],
    ]
  for (const [what, view, described, told] of wrong)
    it(`sees ${what}`, () => {
      expect(queueFaults(view, described).join('; ')).to.include(told)
    })
})
