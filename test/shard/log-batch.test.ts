import { batchMessage, CoveyError, type LogEvent, type Policy, packValue, unpackValue } from '@covey/protocol'
import { expect } from 'chai'

const policy = (version: string): Policy => ({
  version,
  slots: 1,
  exclusive: true,
  timeoutMs: 1_000,
  attempts: 3,
  backoffMs: 100,
  backoffFactor: 2,
  backoffMaxMs: 1_000,
})
const assigned = (step: string, its: Policy): LogEvent => ({
  type: 'workflow.assigned',
  workflow: `job/${step}`,
  worker: 'w',
  generation: 1,
  credits: [1],
  policy: its,
})
const batchOf = (events: LogEvent[]) => ({
  streamEpoch: 1,
  epoch: 1,
  bootId: 'boot',
  number: 1,
  elapsedMs: 0,
  events,
})
const frameOf = (bytes: Uint8Array) =>
  unpackValue(bytes) as [number, string, { policies?: unknown[]; events: unknown[][] }]

describe('A batch of the log', () => {
  const first = policy('1.0.0')
  const second = policy('2.0.0')
  const events = [assigned('a', first), assigned('b', second), assigned('c', first)]

  it('writes each policy once, and reads what was written', () => {
    const bytes = batchMessage.encode(batchOf(events))
    const [, , body] = frameOf(bytes)
    expect(body.policies).to.deep.equal([first, second])
    expect(body.events.map((event) => event.at(-1))).to.deep.equal([0, 1, 0])
    expect(batchMessage.decode(bytes)).to.deep.equal(batchOf(events))
    expect(events[0]).to.have.property('policy', first)
  })

  it('reads assignments that carry their policy whole', () => {
    const [version, kind, body] = frameOf(batchMessage.encode(batchOf(events)))
    const whole = body.events.map((row, index) => row.with(-1, index === 1 ? second : first))
    const { policies: _, ...rest } = body
    const frame = packValue([version, kind, { ...rest, events: whole }])
    expect(batchMessage.decode(frame)).to.deep.equal(batchOf(events))
  })

  it('is refused where it names a policy that it does not have', () => {
    const [version, kind, body] = frameOf(batchMessage.encode(batchOf(events)))
    const spoilt = packValue([version, kind, { ...body, policies: [first] }])
    expect(() => batchMessage.decode(spoilt))
      .to.throw(CoveyError, 'it has no policy 1')
      .with.property('code', 'invalid_message')
  })
})
