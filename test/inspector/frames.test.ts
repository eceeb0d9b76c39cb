import { HeapClock } from '@covey/engine'
import { type InspectorLimits, inspectorLimits, type ServerNews } from '@covey/inspector'
import type { Transition } from '@covey/protocol'
import { expect } from 'chai'
import type { WebSocket } from 'ws'
import type { ClusterWatch } from '../../packages/inspector/src/cluster-watch.js'
import { LiveActors } from '../../packages/inspector/src/live-actors.js'
import { PageHub } from '../../packages/inspector/src/page-hub.js'
import { Timeline } from '../../packages/inspector/src/timeline.js'

/** The end of a socket whose reader reads when the test says so. */
class SlowSocket {
  readonly OPEN = 1
  readyState = 1
  bufferedAmount = 0
  isReading = true
  terminated = false
  readonly news: ServerNews[] = []

  send(text: string): void {
    this.news.push(JSON.parse(text) as ServerNews)
    if (!this.isReading) this.bufferedAmount += text.length
  }

  terminate(): void {
    this.terminated = true
  }

  of<Type extends ServerNews['type']>(type: Type) {
    return this.news.filter((news): news is Extract<ServerNews, { type: Type }> => news.type === type)
  }
}

describe('The frames of the inspector', () => {
  let clock: HeapClock
  let limits: InspectorLimits
  let watch: Pick<ClusterWatch, 'actors' | 'timeline' | 'status' | 'counters' | 'start' | 'stop'>
  let hub: PageHub

  const begin = (changed: Partial<InspectorLimits> = {}): void => {
    clock = new HeapClock()
    limits = { ...inspectorLimits, ...changed }
    watch = {
      actors: new LiveActors(limits),
      timeline: new Timeline(limits),
      status: { status: null, error: null },
      counters: [],
      start: () => undefined,
      stop: () => undefined,
    }
    const hello = { type: 'hello', cluster: 'test', version: '0', mayOperate: true } as const
    hub = new PageHub({ watch: watch as ClusterWatch, hello, charts: [], clock, limits })
  }
  beforeEach(() => begin())
  afterEach(() => {
    hub.close()
    expect(clock.size).to.equal(0)
  })

  const join = (): SlowSocket => {
    const socket = new SlowSocket()
    hub.join(socket as unknown as WebSocket)
    return socket
  }
  let sequence = 0
  const move = (actor: string, to: string): void => {
    sequence += 1
    const at = { shard: 0, sequence, index: 0 }
    const moved = { kind: 'workflow', actor, from: 'x', event: 'moved', to, at, elapsedMs: 1 } as const
    const transition: Transition = { node: 'm1', generation: 1, ...moved }
    watch.actors.take(transition, clock.now())
    watch.timeline.add({ ...moved, heardAtMs: clock.now(), key: `shard.0/${actor}` })
  }
  const pass = (durationMs: number): void => {
    clock.runUntil(clock.now() + durationMs)
  }

  it('tell of an actor that moved often its newest state, once', () => {
    const socket = join()
    for (let turn = 0; turn < 1_000; turn += 1) move('a', `s${turn}`)
    pass(100)
    const frames = socket.of('actors').filter(({ full }) => !full)
    expect(frames).to.have.length(1)
    expect(frames[0]?.changed.map(({ state }) => state)).to.deep.equal(['s999'])
  })

  it('show an even sample of the transitions, and how many there were', () => {
    const socket = join()
    for (let turn = 0; turn < 500; turn += 1) move(`a${turn}`, 'queued')
    pass(100)
    const { shown, seen } = socket.of('transitions').at(-1) ?? { shown: [], seen: 0 }
    expect(seen).to.equal(500)
    expect(shown.map(({ number }) => number)).to.deep.equal(
      Array.from({ length: 50 }, (_, index) => 10 * index + 1),
    )
    for (let turn = 0; turn < 7; turn += 1) move(`b${turn}`, 'queued')
    pass(100)
    expect(socket.of('transitions').at(-1)?.shown).to.have.length(7)
  })

  it('are not written where nothing has happened', () => {
    const socket = join()
    pass(10_000)
    expect(socket.of('transitions')).to.have.length(1)
    expect(socket.of('actors')).to.have.length(1)
  })

  it('tell many actors a part at a time, each as it is when it is told', () => {
    begin({ actorsPerFrameMax: 100 })
    for (let index = 0; index < 250; index += 1) move(`a${index}`, 'queued')
    const socket = join()
    expect(socket.of('actors').map(({ full, changed }) => [full, changed.length])).to.deep.equal([
      [true, 100],
    ])
    move('a240', 'running')
    move('a10', '')
    pass(1_000)
    const known = new Map<string, string>()
    for (const { changed, gone } of socket.of('actors')) {
      expect(changed.length).to.be.at.most(100)
      for (const key of gone) known.delete(key)
      for (const { key, state } of changed) known.set(key, state)
    }
    expect(known.size).to.equal(249)
    expect(known.get('shard.0/a240')).to.equal('running')
  })

  it('are not sent to a page that does not read, which is told everything anew when it does', () => {
    begin({ pageBufferBytesMax: 1_000 })
    const [slow, quick] = [join(), join()]
    slow.isReading = false
    for (let turn = 0; turn < 50; turn += 1) {
      for (let index = 0; index < 20; index += 1) move(`a${index}`, `s${turn}`)
      pass(100)
    }
    const sent = slow.news.length
    expect(slow.bufferedAmount).to.be.at.most(20_000)
    expect(quick.of('transitions').reduce((sum, { seen }) => sum + seen, 0)).to.equal(1_000)
    pass(1_000)
    expect(slow.news).to.have.length(sent)
    slow.isReading = true
    slow.bufferedAmount = 0
    pass(100)
    const after = slow.news.slice(sent)
    expect(after.find(({ type }) => type === 'actors'))
      .to.deep.include({ full: true })
      .and.have.property('changed')
      .with.length(20)
    expect(slow.of('transitions').reduce((sum, { seen }) => sum + seen, 0)).to.equal(1_000)
  })

  it('end for a page that reads nothing for too long, and for no other', () => {
    begin({ pageBufferBytesMax: 10 })
    const [stuck, quick] = [join(), join()]
    stuck.isReading = false
    move('a', 'queued')
    pass(200)
    move('a', 'running')
    pass(limits.pageStuckMs)
    expect(stuck.terminated).to.equal(false)
    pass(200)
    expect([stuck.terminated, quick.terminated]).to.deep.equal([true, false])
  })

  it('say that there are more actors than are followed', () => {
    begin({ actorsMax: 3 })
    for (let index = 0; index < 5; index += 1) move(`a${index}`, 'queued')
    expect([watch.actors.keys().length, watch.actors.isPartial]).to.deep.equal([3, true])
    expect(join().of('actors')[0]).to.have.property('partial', true)
    move('a0', '')
    move('a4', 'queued')
    expect(watch.actors.find('shard.0/a4')).to.include({ state: 'queued' })
  })

  it('keep the last transitions of an actor among all others, as many as they may', () => {
    begin({ timelineRowsMax: 100 })
    for (let turn = 0; turn < 150; turn += 1) move(turn % 10 === 0 ? 'rare' : `a${turn}`, `s${turn}`)
    expect(watch.timeline.last(3, 'shard.0/rare').map(({ to }) => to)).to.deep.equal(['s120', 's130', 's140'])
    expect(watch.timeline.last(1_000)).to.have.length(100)
  })
})
