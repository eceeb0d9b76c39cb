import { singleServerTimings } from '@covey/protocol'
import { systemClock, systemRandom } from '@covey/transport'
import { expect } from 'chai'
import type { NatsBus } from '../../packages/transport/src/nats/nats-bus.js'
import { NatsFacts } from '../../packages/transport/src/nats/nats-facts.js'
import { bytes } from '../transport/transport-world.js'

const count = 150_000

/** Answers JetStream's interface as a stream of that many facts does, all of them in one page. */
const bus = {
  async request(subject: string) {
    if (subject.startsWith('$JS.API.STREAM.INFO.')) {
      const all = Array.from({ length: count }, (_, index) => [`f.${index}`, 1])
      return answer({ total: count, state: { subjects: Object.fromEntries(all) } })
    }
    return answer({ message: { subject: 'f', seq: 1 } })
  },
} as unknown as NatsBus

const answer = (body: object) => ({ kind: 'reply', data: bytes(JSON.stringify(body)) })

describe('A list of facts over NATS', () => {
  it('takes more facts in a page than a call takes arguments', async () => {
    const context = {
      bus,
      clock: systemClock,
      random: systemRandom,
      retryMs: singleServerTimings.redialMinMs,
    }
    const facts = await new NatsFacts(context, 'facts').list('f.>')
    expect(facts).to.have.length(count)
  })
})
