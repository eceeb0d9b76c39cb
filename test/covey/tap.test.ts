import { deflateRawSync } from 'node:zlib'
import { limits, type TapFrame, tapFrame } from '@covey/protocol'
import { expect } from 'chai'
import type { NodeTransition } from 'covey/assembly'
import { type TapSum, TapSums } from '../../packages/covey/src/node/tap-sums.js'

let sequence = 0
const moved = (actor: string, from: string, to: string, kind = 'workflow'): NodeTransition => {
  sequence += 1
  return { kind, actor, from, event: 'moved', to, at: { shard: 0, sequence, index: 0 }, elapsedMs: 1 }
}

/** The actors of a frame, as who hears it reads them. */
function actorsOf({ words, states, actors }: TapSum): string[] {
  const read: string[] = []
  let name = ''
  for (let index = 0; index < actors.length; index += 3) {
    const [place, common, rest] = actors.slice(index, index + 3)
    const [kind = 0, shard = 0, state = 0] = states[Number(place)] ?? []
    name = name.slice(0, Number(common)) + String(rest)
    read.push(`${words[kind]} ${shard} ${name} ${words[state]}`)
  }
  return read
}

const bytesOf = (sum: TapSum): number => {
  const frame: TapFrame = { node: 'm1', generation: 1, number: 1, pass: 1, ...sum }
  return deflateRawSync(tapFrame.encode(frame), { level: 1 }).byteLength
}

describe('The sum of the transitions of a node', () => {
  let sums: TapSums
  beforeEach(() => {
    sums = new TapSums()
  })

  it('tells of each actor that moved its newest state, and how often anything moved', () => {
    sums.add(moved('job-1/a', '', 'waiting'))
    sums.add(moved('job-1/a', 'waiting', 'queued'))
    sums.add({ ...moved('peer.w1', 'active', 'suspect', 'peer'), at: { local: 4 } })
    sums.add(moved('job-1/b', 'queued', 'running'))
    const sum = sums.take()
    expect(actorsOf(sum)).to.have.members([
      'workflow 1 job-1/a queued',
      'peer 0 peer.w1 suspect',
      'workflow 1 job-1/b running',
    ])
    expect([sum.seen, sum.isWhole]).to.deep.equal([4, true])
    expect(sums.isEmpty).to.equal(true)
  })

  it('says nothing of what came and went between two frames, and the end of what was told', () => {
    sums.add(moved('attempt.1', '', 'starting', 'attempt'))
    sums.add(moved('attempt.1', 'starting', 'done', 'attempt'))
    sums.add(moved('attempt.1', 'done', '', 'attempt'))
    sums.add(moved('attempt.0', 'done', '', 'attempt'))
    const sum = sums.take()
    expect(actorsOf(sum)).to.deep.equal(['attempt 1 attempt.0 '])
    expect(sum.seen).to.equal(4)
  })

  it('keeps actors of two kinds apart that have one name', () => {
    sums.add(moved('worker', 'queued', 'running', 'job'))
    sums.add({ ...moved('worker', 'ready', 'full', 'worker'), at: { local: 1 } })
    expect(actorsOf(sums.take())).to.deep.equal(['job 1 worker running', 'worker 0 worker full'])
  })

  it('states all actors a part at a time, and says which part was the last', () => {
    const count = 3 * limits.tapActorsQuiet
    const states = Array.from({ length: count }, (_, index) => ({
      ...{
        kind: 'workflow',
        actor: `job-${index}/main`,
        state: 'queued',
        at: { shard: 0, sequence: 1, index: 0 },
      },
    }))
    sums.beginAnew(states)
    const told = new Map<string, string>()
    const whole: boolean[] = []
    while (!sums.isEmpty) {
      if (whole.length === 1) sums.add(moved('job-0/main', 'queued', 'running'))
      const sum = sums.take()
      expect(sum.actors.length).to.be.at.most(3 * limits.tapActorsQuiet)
      for (const actor of actorsOf(sum)) told.set(actor.split(' ')[2] ?? '', actor)
      whole.push(sum.isWhole)
    }
    expect(told.size).to.equal(count)
    expect(told.get('job-0/main')).to.match(/running$/)
    expect(whole.filter(Boolean)).to.deep.equal([true])
    expect(whole.at(-1)).to.equal(true)
  })

  it('takes less than two bytes for each transition of a busy leader', () => {
    const walk = ['', 'waiting', 'queued', 'assigned', 'running', 'completed']
    let bytes = 0
    let seen = 0
    const take = (): void => {
      const sum = sums.take()
      bytes += bytesOf(sum)
      seen += sum.seen
    }
    for (let job = 0; job < 10_000; job += 1) {
      const id = `3fa4c01b22d95e77-${job}`
      sums.add(moved(id, '', 'running', 'job'))
      walk.slice(1).forEach((to, index) => {
        sums.add(moved(`${id}/main`, walk[index] ?? '', to))
      })
      sums.add(moved(id, 'running', 'completed', 'job'))
      if (job % 1_000 === 999) take()
    }
    while (!sums.isEmpty) take()
    expect(seen).to.equal(70_000)
    expect(bytes / seen).to.be.lessThan(2)
  })

  it('shows a small, even sample, and all where they are few', () => {
    for (let index = 0; index < 5; index += 1) sums.add(moved(`a${index}`, 'x', 'y'))
    expect(sums.take().sample.map(([, actor]) => actor)).to.deep.equal(['a0', 'a1', 'a2', 'a3', 'a4'])
    for (let index = 0; index < 1_000; index += 1) sums.add(moved(`a${index}`, 'x', 'y'))
    const places = sums.take().sample.map(([, actor]) => Number(actor.slice(1)))
    expect(places.length).to.be.within(limits.tapSampleMax / 2, limits.tapSampleMax)
    const steps = new Set(places.slice(1).map((place, index) => place - (places[index] ?? 0)))
    expect([...steps]).to.have.length(1)
  })

  it('fits a message, whatever the names are', () => {
    for (let index = 0; index < limits.tapActorsMax * limits.tapTransitionsPerActor; index += 1) {
      const name = String(index % limits.tapActorsMax)
      sums.add(moved(name + '漢'.repeat(limits.actorTextMax - name.length), 'x', `state-${index % 1_000}`))
    }
    while (!sums.isEmpty) expect(bytesOf(sums.take())).to.be.lessThan(limits.payloadBytesMax)
  })

  it('gives up keeping apart what has moved where it is too much, and has all stated anew', () => {
    for (let index = 0; index <= limits.tapActorsWaitingMax; index += 1)
      sums.add(moved(`a${index}`, 'x', 'y'))
    expect(sums.isOverfull).to.equal(true)
    sums.beginAnew([])
    expect([sums.isOverfull, actorsOf(sums.take())]).to.deep.equal([false, []])
  })
})
