import type { RenewMessage } from '@covey/protocol'
import { WorkerWords } from '@covey/simulator'
import { expect } from 'chai'
import { StagedJobs } from './staged-jobs.js'

describe('The invariants of credits in a simulation', () => {
  let stage: StagedJobs

  const look = (name: string): readonly string[] => stage.look(name)
  const hear = (token: string): number => stage.log.spoken.push(token)

  beforeEach(() => {
    stage = new StagedJobs()
    stage.expected.set('j/w', { job: 'j', sum: 1, work: 'wide' })
  })

  describe('2 see an assignment, though nothing of it ever begins,', () => {
    const wrong: readonly [what: string, assign: () => unknown, told: string][] = [
      [
        'by a credit that its worker never gave',
        () => stage.assign('j/a', 2, 'w1', 1, [9]),
        'j/a was given w1.1 under 1.1.2.0 by the credit 9, which it never gave to the leader of epoch 1',
      ],
      [
        'by a credit that was given to another leader',
        () => {
          stage.give(9, 7)
          stage.assign('j/a', 2, 'w1', 1, [9])
        },
        'by the credit 9, which it never gave to the leader of epoch 1',
      ],
      ['by too few credits', () => stage.assign('j/w', 2), 'j/w was given w1.1 under 1.1.2.0 by 1 credits'],
      [
        'by one credit in place of two',
        () => stage.assign('j/w', 2, 'w1', 1, [1, 1]),
        'j/w was given w1.1 under 1.1.2.0 by 2 credits',
      ],
    ]
    for (const [what, assign, told] of wrong)
      it(what, () => {
        stage.assign('j/w', 1, 'w1', 1, [2, 3])
        expect(look('founded-assignments')).to.deep.equal([])
        assign()
        expect(look('founded-assignments')[0]).to.include(told)
        expect(look('founded-assignments')).to.deep.equal([])
      })
  })

  describe('2 of a credit by which two were assigned', () => {
    const both = (): void => {
      const tokens = [stage.assign('j/a', 2), stage.assign('j/b', 3)]
      expect(look('founded-assignments')).to.deep.equal([])
      for (const token of tokens) hear(token)
    }

    it('tell, once the log has a word on each', () => {
      const [first, second] = [stage.assign('j/a', 2), stage.assign('j/b', 3)]
      hear(second)
      expect(look('founded-assignments')).to.deep.equal([])
      hear(first)
      expect(look('founded-assignments')).to.deep.equal([
        'j/b was given w1.1 under 1.1.3.0 by the credit 1, which 1.1.2.0 had used up',
      ])
      hear(first)
      expect(look('founded-assignments')).to.deep.equal([])
    })

    it('tell the third, where the chart took the first and not the second', () => {
      const [first] = [stage.assign('j/a', 2), stage.assign('j/b', 3)]
      const third = stage.assign('j/c', 4)
      for (const token of [first, third]) hear(token)
      expect(look('founded-assignments')[0]).to.include(
        'under 1.1.4.0 by the credit 1, which 1.1.2.0 had used',
      )
    })

    const excuses: readonly [what: string, excuse: () => unknown][] = [
      ['its worker has shown it as gone since', () => stage.give(1, 1, true)],
      [
        'messages may just have overtaken each other',
        () => Object.assign(stage, { troubleAtMs: stage.nowMs }),
      ],
      ['the log has lost one of them', () => stage.log.lostTokens.add('1.1.2.0')],
    ]
    for (const [what, excuse] of excuses)
      it(`say nothing where ${what}`, () => {
        excuse()
        both()
        expect(look('founded-assignments')).to.deep.equal([])
      })
  })

  it('K6 see what begins, or is refused, under a token of an older leader than the worker follows', () => {
    const followed = (streamEpoch: number, epoch: number) => ({ followed: { streamEpoch, epoch } })
    const refused = { shard: 0, worker: 'w1', generation: 1, workflow: 'j/b', token: '1.1.3.0' }
    stage.run('j/a', '1.1.2.0', 0, 'steady', followed(1, 1))
    stage.run('j/a', '2.1.2.0', 0, 'steady', followed(1, 4))
    stage.refusals.push({ ...refused, epoch: 1 })
    expect(look('followed-leaders')).to.deep.equal([])
    stage.run('j/a', '1.1.2.0', 0, 'steady', followed(1, 2))
    stage.refusals.push({ ...refused, epoch: 2 })
    expect(look('followed-leaders')).to.deep.equal([
      'j/a began under 1.1.2.0 on w1-1, which follows 1.2',
      'w1.1 refused j/b under 1.1.3.0, and follows epoch 2',
    ])
  })
})

describe('What workers say in a simulation', () => {
  const speaker = { shard: 0, worker: 'w1', generation: 1 }
  const renewal = (epoch: number, credits: number[], opened = true): RenewMessage => ({
    ...{ worker: 'w1', generation: 1, streamEpoch: 1, epoch, opened, slots: 3, state: 'ready' },
    ...{ credits, held: [], offers: [] },
  })
  const completed = (epoch: number, credits: number[]) => ({
    ...{ worker: 'w1', generation: 1, epoch },
    reports: [
      { kind: 'completed', token: '1.1.2.0', workflow: 'j/a', credits, result: new Uint8Array() } as const,
    ],
  })

  it('is to which leaders it gives a credit, of which shard, and whether it has shown it as gone', () => {
    const words = new WorkerWords(() => 0)
    words.noteRenewal(0, renewal(1, [5]))
    words.noteReport(0, completed(1, [6]))
    expect(words.creditOf(speaker, 5)).to.deep.equal({ epochs: new Set([1]), isGone: false })
    expect(words.creditOf({ ...speaker, shard: 1 }, 5)).to.equal(undefined)
    words.noteRenewal(0, renewal(2, [6]))
    expect(words.creditOf(speaker, 5)).to.deep.equal({ epochs: new Set([1]), isGone: true })
    expect(words.creditOf(speaker, 6)).to.deep.equal({ epochs: new Set([1, 2]), isGone: false })
    words.noteRenewal(0, renewal(3, [7], false))
    expect(words.creditOf(speaker, 7)).to.equal(undefined)
  })

  it('is which leader it follows, and what it does not run', () => {
    let nowMs = 0
    const words = new WorkerWords(() => nowMs)
    const follows = () => words.followedBy(speaker)
    expect(follows()).to.equal(undefined)
    words.noteRenewal(0, renewal(3, []))
    nowMs += 1
    expect(follows()).to.deep.equal({ streamEpoch: 1, epoch: 3 })
    // What it has taken of a leader begins at the moment in which it hears the next ones.
    words.noteRenewal(0, renewal(4, []))
    words.noteRenewal(0, renewal(5, []))
    expect(follows()).to.deep.equal({ streamEpoch: 1, epoch: 3 })
    nowMs += 1
    expect(follows()).to.deep.equal({ streamEpoch: 1, epoch: 5 })
    const [token, workflow] = ['1.3.2.0', 'j/a']
    const refused = { kind: 'refused' as const, token, workflow, credits: [], reason: 'credit' }
    words.noteReport(0, { worker: 'w1', generation: 1, epoch: 3, reports: [refused] })
    expect(words.refusals).to.deep.equal([{ ...speaker, token, workflow, epoch: 3 }])
  })
})
