import { HeapClock } from '@covey/engine'
import { seededRandom } from '@covey/transport'
import { expect } from 'chai'
import type { LinkNews, RequestOutcome } from '../../packages/transport/src/bus.js'
import type { NatsBus } from '../../packages/transport/src/nats/nats-bus.js'
import { followStream } from '../../packages/transport/src/nats/ordered-follower.js'

/** A bus that counts what it is asked, and tells its news as the real one does: to all who listened when it came. */
class ScriptedBus {
  readonly state = 'up'
  asked = 0
  answer: RequestOutcome = { kind: 'disconnected' }
  readonly #listeners = new Set<(news: LinkNews) => void>()

  inbox = (): string => 'inbox'
  publish = (): boolean => true
  guard = (_what: string, run: () => void): void => run()
  subscribeRaw = () => () => undefined

  request(): Promise<RequestOutcome> {
    this.asked += 1
    return Promise.resolve(this.answer)
  }

  onNews(listener: (news: LinkNews) => void) {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  tell(news: LinkNews): void {
    for (const listener of [...this.#listeners]) listener(news)
  }
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('A follower of a stream that is stopped', () => {
  let clock: HeapClock
  let bus: ScriptedBus
  beforeEach(() => {
    clock = new HeapClock()
    bus = new ScriptedBus()
  })

  const follow = (onCaughtUp: () => void) =>
    followStream({
      ...{ bus: bus as unknown as NatsBus, clock, random: seededRandom(1) },
      ...{ stream: 'facts', afterSequence: 0, retryMs: 250 },
      onMessage: () => undefined,
      onCaughtUp,
    })

  it('asks for nothing more where news of the link are on their way to it', async () => {
    const stops: (() => void)[] = []
    bus.onNews(() => stops[0]?.())
    stops.push(follow(() => undefined))
    await settled()
    expect([bus.asked, clock.size]).to.deep.equal([1, 1])
    bus.tell({ kind: 'state', state: 'up' })
    await settled()
    expect([bus.asked, clock.size]).to.deep.equal([1, 0])
  })

  it('leaves no timer where it is stopped because it has caught up', async () => {
    const consumer = { delivered: { consumer_seq: 0 }, num_pending: 0 }
    bus.answer = { kind: 'reply', data: new TextEncoder().encode(JSON.stringify(consumer)) }
    let isCaughtUp = false
    const stop = follow(() => {
      isCaughtUp = true
      stop()
    })
    await settled()
    expect(isCaughtUp).to.equal(true)
    expect([bus.asked, clock.size]).to.deep.equal([1, 0])
  })
})
