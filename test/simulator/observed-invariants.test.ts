import type { ActorTransition } from '@covey/engine'
import { expect } from 'chai'
import { StagedScene } from './staged-scene.js'

const step = (kind: string, from: string, event: string, to: string): ActorTransition => ({
  ...{ actor: `${kind}.b`, kind, from, event, to, elapsedMs: 0 },
})

describe('The invariants of what passes in a simulation', () => {
  let stage: StagedScene

  const at = (index: number) => {
    const node = stage.nodes[index]
    if (node === undefined) throw new Error(`nobody is staged at ${index}`)
    return node
  }

  beforeEach(() => {
    stage = new StagedScene()
  })

  describe('9 the states of an actor', () => {
    const walk = (...steps: ActorTransition[]): readonly string[] => {
      at(0).transitions.splice(0, Number.POSITIVE_INFINITY, ...steps)
      return stage.look('declared-paths')
    }

    it('are a path of its machine as it is written', () => {
      const path = [
        step('peer', '', 'xstate.init', 'unverified'),
        step('peer', 'unverified', 'joined.heard', 'joining'),
        step('peer', 'joining', 'xstate.after.joinPatienceMs.peer.joining', 'suspect'),
        step('peer', 'suspect', 'departed.heard', 'departed'),
        step('peer', 'departed', 'xstate.stop', ''),
        step('peer', '', 'xstate.init', 'unverified'),
      ]
      expect(walk(...path)).to.deep.equal([])
    })

    const wrong: readonly [what: string, steps: ActorTransition[], told: string][] = [
      [
        'by an event that leads elsewhere',
        [step('peer', 'active', 'joined.heard', 'joining')],
        'its machine does not say',
      ],
      ['out of an end', [step('peer', 'departed', 'active.heard', 'active')], 'its machine does not say'],
      [
        'by a timer of another state',
        [step('node', 'active', 'xstate.after.fenceRestMs.node.fenced', 'reentering')],
        'does not say',
      ],
      [
        'from a state that it was not in',
        [step('node', 'active', 'node.leave', 'leaving'), step('node', 'dialing', 'name.seen', 'joining')],
        'without a word',
      ],
      ['from its birth in the middle', [step('connection', '', 'xstate.init', 'open')], 'was born in open'],
    ]
    for (const [what, steps, told] of wrong)
      it(`are seen to go ${what}`, () => {
        expect(walk(...steps).join()).to.include(told)
      })
  })

  it('20 see a message that is handled by another generation, or by one that has ended', () => {
    const subject = 'covey.test.node.a.1.probe'
    at(0).passed.handed.push({ subject, generation: 1, standing: { generation: 1, state: 'leaving' } })
    expect(stage.look('own-subjects')).to.deep.equal([])
    at(0).passed.handed.push({ subject, generation: 1, standing: { generation: 2, state: 'active' } })
    expect(stage.look('own-subjects')).to.deep.equal([`a-1 handled ${subject}, and was active under 2`])
    at(0).passed.handed.push({ subject, generation: 1, standing: { generation: 1, state: 'reentering' } })
    expect(stage.look('own-subjects').join()).to.include('was reentering under 1')
    expect(stage.look('own-subjects')).to.deep.equal([])
  })

  describe('17 a vote that is counted', () => {
    const standing = { generation: 1, state: 'active' }
    const vote = {
      voter: 'b',
      generation: 1,
      about: 'c.1',
      suspected: true,
      state: 'active',
      health: 0,
      askedAtMs: 0,
    }
    const giveUp = (heard: readonly object[], more: object = {}): readonly string[] => {
      const crash = { subject: 'c', generation: 1, votes: ['a', 'b'], standing, heard, atMs: 200, ...more }
      at(0).passed.crashes.push(crash)
      return stage.look('valid-votes')
    }

    it('is of who was asked just before, stood by it, and was active and well', () => {
      expect(giveUp([vote])).to.deep.equal([])
    })

    const wrong: readonly [what: string, heard: readonly object[], told: string][] = [
      ['was never asked for', [], 'b was not asked'],
      ['was withdrawn', [vote, { ...vote, suspected: false }], 'b did not stand by it'],
      ['is of one that leaves', [{ ...vote, state: 'leaving' }], 'b was leaving'],
      ['is of one that is unwell', [{ ...vote, health: 4 }], 'b was unwell: 4'],
      ['is old', [{ ...vote, askedAtMs: -1_000 }], 'b was asked 1200 ms before'],
    ]
    for (const [what, heard, told] of wrong)
      it(`is seen where it ${what}`, () => {
        expect(giveUp(heard).join()).to.equal(`a-1 gave c.1 up by its votes, of which ${told}`)
      })

    it('is seen where the voter was in truth active no more, whatever it said', () => {
      stage.look('valid-votes')
      at(1).membership.state = () => 'leaving'
      stage.nowMs = 1_001
      expect(giveUp([vote]).join()).to.include('b was active no more')
    })

    it('is seen where the one that counts takes no part itself', () => {
      expect(giveUp([vote], { standing: { generation: 1, state: 'leaving' } }).join()).to.include(
        'it was leaving itself',
      )
    })
  })
})
