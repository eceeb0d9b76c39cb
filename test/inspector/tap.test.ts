import { deflateRawSync } from 'node:zlib'
import { HeapClock } from '@covey/engine'
import { inspectorLimits } from '@covey/inspector'
import { createSubjects, limits, type TapFrame, tapFrame, tapMessage } from '@covey/protocol'
import type { Bus, BusMessage } from '@covey/transport'
import { expect } from 'chai'
import type { Member } from 'covey'
import { ClusterTap } from '../../packages/inspector/src/cluster-tap.js'
import { LiveActors } from '../../packages/inspector/src/live-actors.js'
import { Timeline } from '../../packages/inspector/src/timeline.js'

const subjects = createSubjects('test')
const member = (nodeId: string, generation: number, state: Member['state'] = 'active'): Member => ({
  ...{ nodeId, generation, state, roles: [], slots: 0, host: 'here', pid: 1, since: '', labels: [] },
})

describe('Listening to what nodes sum up', () => {
  let clock: HeapClock
  let actors: LiveActors
  let timeline: Timeline
  let tap: ClusterTap
  let hear: (message: BusMessage) => void
  /** What the nodes were asked: `<subject> <anew>`. */
  let asked: string[]

  beforeEach(() => {
    clock = new HeapClock()
    actors = new LiveActors(inspectorLimits)
    timeline = new Timeline(inspectorLimits)
    asked = []
    const bus: Pick<Bus, 'publish' | 'subscribe' | 'onNews'> = {
      publish(subject, data) {
        asked.push(`${subject.replace('covey.test.node.', '')} ${tapMessage.decode(data).anew}`)
        return true
      },
      subscribe(_subject, callback) {
        hear = callback
        return () => undefined
      },
      onNews: () => () => undefined,
    }
    tap = new ClusterTap({ bus: bus as Bus, subjects, clock, wallNow: () => clock.now(), actors, timeline })
    tap.takeMembers([member('m1', 1)])
  })
  afterEach(() => {
    tap.stop()
    expect(clock.size).to.equal(0)
  })

  const tell = (number: number, states: Record<string, string>, more: Partial<TapFrame> = {}): void => {
    const words = ['peer', ...Object.values(states)]
    const rows = Object.keys(states).flatMap((actor, index) => [index, 0, actor])
    const places = Object.keys(states).map((_, index): [number, number, number] => [0, 0, index + 1])
    const rest = { words, states: places, actors: rows, sample: [], seen: 0, pass: 1, isWhole: true }
    const data = deflateRawSync(tapFrame.encode({ node: 'm1', generation: 1, number, ...rest, ...more }))
    hear({ subject: subjects.tap('m1'), data })
  }
  const known = () => actors.keys().map((key) => `${key} ${actors.find(key)?.state}`)

  it('begins with all states, and goes on with what moved', () => {
    expect(asked).to.deep.equal(['m1.1.channel.tap true'])
    tell(1, { a: 'x', b: 'x' })
    tell(2, { a: 'y' })
    tell(3, { b: '' })
    expect(known()).to.deep.equal(['m1/1/a y'])
  })

  it('tells how long a state lasts from when it moved, and at least from when it was stated', () => {
    tell(1, { a: 'x', b: 'x' })
    clock.advance(500)
    tell(2, { a: 'y', c: 'x' })
    const since = (key: string) => [actors.find(key)?.sinceMs, actors.find(key)?.isOlder]
    expect(['a', 'b', 'c'].map((actor) => since(`m1/1/${actor}`))).to.deep.equal([
      [500, undefined],
      [0, true],
      [500, undefined],
    ])
  })

  it('counts a frame that cannot be read or speaks for another node, and takes nothing of it', () => {
    tap.takeMembers([member('m1', 1), member('m2', 1)])
    hear({ subject: subjects.tap('m1'), data: new Uint8Array([1, 2, 3]) })
    tell(1, { a: 'x' }, { node: 'm2' })
    expect([tap.refusedOf('m1'), tap.refusedOf('m2')]).to.deep.equal([2, 0])
    expect(known()).to.deep.equal([])
  })

  it('has all stated anew after a frame that was lost, and forgets who is not stated then', () => {
    tell(1, { a: 'x', b: 'x', c: 'x' })
    tell(3, { a: 'y' })
    expect(asked).to.deep.equal(['m1.1.channel.tap true', 'm1.1.channel.tap true'])
    expect(known()).to.have.length(3)
    tell(4, { a: 'z' }, { pass: 2, isWhole: false })
    expect(known()).to.have.length(3)
    tell(5, { c: 'x' }, { pass: 2 })
    expect(known()).to.deep.equal(['m1/1/a z', 'm1/1/c x'])
  })

  it('asks again while it has heard nothing, and then only to go on', () => {
    clock.runUntil(limits.watchTtlMs / 2)
    expect(asked.at(-1)).to.equal('m1.1.channel.tap true')
    tell(1, { a: 'x' })
    clock.runUntil(limits.watchTtlMs)
    expect(asked.at(-1)).to.equal('m1.1.channel.tap false')
  })

  it('hears nobody but the newest generation of who takes part', () => {
    tell(1, { a: 'x' }, { generation: 2 })
    tell(1, { a: 'x' }, { node: 'm9' })
    hear({ subject: subjects.tap('m1'), data: new Uint8Array([1]) })
    expect(known()).to.deep.equal([])
    tap.takeMembers([member('m1', 2), member('m2', 1, 'departed')])
    expect(asked.at(-1)).to.equal('m1.2.channel.tap true')
    tell(1, { a: 'x' }, { generation: 2 })
    expect(known()).to.deep.equal(['m1/2/a x'])
  })

  it('forgets charts that their leader states no more, and none of which another one has told since', () => {
    const leads = (...words: string[]): Partial<TapFrame> => ({
      states: words.map((_, index): [number, number, number] => [0, 1, index + 1]),
    })
    tell(1, { a: 'x', b: 'x', c: 'x' }, leads('x', 'x', 'x'))
    expect(known()).to.deep.equal(['shard.0/a x', 'shard.0/b x', 'shard.0/c x'])
    tell(2, { b: '' }, leads(''))
    tap.takeMembers([member('m1', 1), member('m2', 1)])
    actors.take(
      {
        ...{ node: 'm2', generation: 1, kind: 'peer', actor: 'c', from: '', event: '', to: 'y' },
        ...{ at: { shard: 0, sequence: 1, index: 0 }, elapsedMs: 0 },
      },
      0,
    )
    tell(3, {}, { pass: 2 })
    expect(known()).to.deep.equal(['shard.0/c y'])
    actors.takeMembers([member('m1', 1)])
    expect(known()).to.deep.equal([])
  })

  it('counts what it is not shown of the transitions', () => {
    const row: TapFrame['sample'][number] = [0, 'a', 1, 2, 3, { local: 7 }, 5]
    tell(1, {}, { words: ['peer', 'active', 'probe.failed', 'suspect'], sample: [row], seen: 400 })
    const { shown, seen } = timeline.takeFrame()
    expect(seen).to.equal(400)
    expect(shown).to.deep.equal([
      {
        ...{ number: 400, heardAtMs: 0, key: 'm1/1/a', kind: 'peer', from: 'active', event: 'probe.failed' },
        ...{ to: 'suspect', at: { local: 7 }, elapsedMs: 5 },
      },
    ])
  })
})
