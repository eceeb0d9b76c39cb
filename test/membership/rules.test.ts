import {
  departureQuorum,
  flapScore,
  healthAfter,
  isCertainEnd,
  isEvidence,
  isNetworkFault,
  isSick,
  isVote,
  judgeDeparture,
  nextChance,
  redialDelayMs,
  reentryDelayMs,
  type SuspicionGround,
  suspicionTimeoutMs,
} from '@covey/machines'
import { expect } from 'chai'

const bounds = { redialMinMs: 250, redialMaxMs: 2_000 }

describe('rules of membership', () => {
  it('K13 the quorum is a majority of those that answer, three at most and one at least', () => {
    const table = [
      [0, 1],
      [1, 1],
      [2, 1],
      [3, 2],
      [4, 2],
      [5, 3],
      [6, 3],
      [50, 3],
    ] as const
    for (const [answering, quorum] of table)
      expect(departureQuorum(answering), `${answering}`).to.equal(quorum)
  })

  it('K8 K15 only who was seen to exit, or left without leaving work behind, needs no lease to be over', () => {
    const ends = ['left', 'exited', 'crashed', 'evicted', 'superseded'] as const
    const certain = (dirty: boolean) => ends.filter((how) => isCertainEnd({ how, dirty }))
    expect(certain(false)).to.deep.equal(['left', 'exited'])
    expect(certain(true)).to.deep.equal(['exited'])
  })

  it('O9 a suspicion is held the shorter, the more observers confirm it', () => {
    const held = [0, 1, 2, 3, 9].map((confirmations) =>
      Math.round(suspicionTimeoutMs({ members: 10, confirmations, probeIntervalMs: 250 })),
    )
    expect(held).to.deep.equal([6_000, 3_500, 2_038, 1_000, 1_000])
  })

  it('O9 a suspicion is held the longer, the more members there are, and never shorter than four periods', () => {
    const held = [2, 21, 64, 1_000].map((members) =>
      Math.round(suspicionTimeoutMs({ members, confirmations: 3, probeIntervalMs: 250 })),
    )
    expect(held).to.deep.equal([1_000, 1_000, 1_355, 2_250])
  })

  it('K14 of two nodes the one holds a suspicion of the other for the shortest time: nobody can confirm it', () => {
    expect(suspicionTimeoutMs({ members: 2, confirmations: 0, probeIntervalMs: 250 })).to.equal(1_000)
  })

  it('N13 the wait before a dial doubles to its bound and is drawn from the whole of it', () => {
    expect([0, 1, 2, 3, 4, 99].map((attempt) => redialDelayMs(attempt, 1, bounds))).to.deep.equal([
      250, 500, 1_000, 2_000, 2_000, 2_000,
    ])
    expect(redialDelayMs(3, 0.25, bounds)).to.equal(500)
  })

  it('draws a row of chances that stays between 0 and 1 and does not stand still', () => {
    let chance = 0.5
    const seen = new Set<number>()
    for (let index = 0; index < 1_000; index += 1) {
      chance = nextChance(chance)
      expect(chance).to.be.within(0, 0.999_999_999)
      seen.add(chance)
    }
    expect(seen.size).to.be.greaterThan(900)
  })

  it('S17 re-entries in a row wait longer, and one after another row is suppressed until the score decays', () => {
    const scores = [0, 0, 0, 0].reduce<number[]>((row) => [...row, flapScore(row.at(-1) ?? 0, 0)], [])
    expect(scores).to.deep.equal([500, 1_000, 1_500, 2_000])
    expect(scores.map((score) => reentryDelayMs(score, 1))).to.deep.equal([250, 500, 1_000, 2_000])
    expect(flapScore(1_000, 300_000)).to.equal(1_000)
    expect(reentryDelayMs(5_000, 0)).to.equal(60_000)
    expect(reentryDelayMs(10_000, 0)).to.equal(360_000)
  })

  it('a node that doubts itself loses its vote and gets it back by what works', () => {
    let health = 0
    for (let index = 0; index < 9; index += 1) health = healthAfter(health, 'loop.late')
    expect(health).to.equal(7)
    for (let index = 0; index < 3; index += 1) health = healthAfter(health, 'probe.succeeded')
    expect(isSick(health)).to.equal(true)
    expect(isSick(healthAfter(health, 'probe.succeeded'))).to.equal(false)
    expect(healthAfter(0, 'probe.succeeded')).to.equal(0)
  })
})

describe('what a suspicion is worth', () => {
  const ground: SuspicionGround = {
    linkUpMs: 10_000,
    heldMs: 1_500,
    silentMs: 1_700,
    suspicionMs: 1_000,
    silentPeers: 1,
    probedPeers: 5,
    linkSettleMs: 3_000,
    workerLeaseMs: 8_000,
  }

  it('K14 a vote counts on a settled link, against a lone silence, held for the suspicion timeout', () => {
    expect(isEvidence(ground)).to.equal(true)
    expect(isEvidence({ ...ground, heldMs: 999 })).to.equal(false)
    expect(isVote({ ...ground, heldMs: 0 })).to.equal(true)
    expect(isVote({ ...ground, linkUpMs: 2_999 })).to.equal(false)
  })

  it('K14 H15 a third of the peers gone silent at once is the network until it outlasts a lease', () => {
    expect(isNetworkFault(1, 1)).to.equal(false)
    expect(isNetworkFault(2, 7)).to.equal(false)
    expect(isNetworkFault(2, 6)).to.equal(true)
    expect(isVote({ ...ground, silentPeers: 2 })).to.equal(false)
    expect(isVote({ ...ground, silentPeers: 2, silentMs: 8_000 })).to.equal(true)
    expect(isVote({ ...ground, silentPeers: 2, silentMs: 8_000, linkUpMs: 7_999 })).to.equal(false)
  })

  it('K13 only members of the electorate count, once each, and a lone vote waits for a lease', () => {
    const three = {
      electorate: ['a', 'b', 'c'],
      votes: ['a', 'b'],
      silentMs: 1_000,
      workerLeaseMs: 8_000,
      linkUpMs: 9_000,
      linkSettleMs: 3_000,
    }
    expect(judgeDeparture(three)).to.deep.equal({ departs: true, quorum: 2, votes: ['a', 'b'] })
    expect(judgeDeparture({ ...three, votes: ['a', 'a', 'x'] }).departs).to.equal(false)
    const alone = { ...three, electorate: ['a'], votes: ['a'] }
    expect(judgeDeparture(alone).departs).to.equal(false)
    expect(judgeDeparture({ ...alone, silentMs: 8_000 }).departs).to.equal(true)
    expect(judgeDeparture({ ...alone, silentMs: 8_000, linkUpMs: 2_999 }).departs).to.equal(false)
    expect(judgeDeparture({ ...alone, silentMs: 8_000, votes: [] }).departs).to.equal(false)
  })
})
