import { HeapClock } from '@covey/engine'
import { limits } from '@covey/protocol'
import type { LinkNews } from '@covey/transport'
import { expect } from 'chai'
import { NatsPresence } from '../../packages/transport/src/nats/nats-presence.js'
import type { StoreContext } from '../../packages/transport/src/nats/store-context.js'

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('A presence that the broker refuses', () => {
  it('is told the first time and when it is given up, asked for less and less often, and again with a new link', async () => {
    const clock = new HeapClock()
    const askedAtMs: number[] = []
    let hear: (news: LinkNews) => void = () => undefined
    let answer: object = { error: { description: 'no right', err_code: 1 } }
    const bus = {
      ...{ state: 'up', inbox: () => 'inbox', subscribeRaw: () => () => undefined },
      onNews: (listener: typeof hear) => {
        hear = listener
        return () => undefined
      },
      request: async () => {
        askedAtMs.push(clock.now())
        return { kind: 'reply', data: Buffer.from(JSON.stringify(answer)) }
      },
    }
    const context = { bus, clock, random: undefined, retryMs: 250 } as unknown as StoreContext
    const told: boolean[] = []
    const stop = new NatsPresence(context, 'facts', 'nothing').hold('a-1', ({ isGivenUp }) =>
      told.push(isGivenUp),
    )
    const pass = async (): Promise<void> => {
      for (let round = 0; round < 2 * limits.presenceTriesMax; round += 1) {
        await settled()
        clock.advance(limits.presenceWaitMsMax)
      }
    }
    await pass()
    expect(told).to.deep.equal([false, true])
    expect(askedAtMs).to.have.lengthOf(limits.presenceTriesMax)
    answer = {}
    hear({ kind: 'state', state: 'up' })
    await pass()
    expect(askedAtMs).to.have.lengthOf(limits.presenceTriesMax + 1)
    expect(told).to.have.lengthOf(2)
    stop()
    expect(clock.size).to.equal(0)
  })
})
