import {
  askMessage,
  cancelMessage,
  grantMessage,
  packValue,
  type Report,
  renewMessage,
  reportMessage,
  runMessage,
  seenMessage,
} from '@covey/protocol'

const [token, workflow, input] = ['1.1.5.0', 'job/main', packValue({ deep: [1, 'two', null] })]
const error = { code: 'workflow_failed', message: 'no', causes: [{ name: 'Error', message: 'why' }] } as const
const policy = {
  ...{ version: '1', slots: 1, exclusive: true, timeoutMs: 1_000 },
  ...{ attempts: 3, backoffMs: 10, backoffFactor: 2, backoffMaxMs: 100, keyLimit: 2 },
}
const place = { streamEpoch: 1, epoch: 1, sequence: 9, term: '0123456789ab' }
const sender = { shard: 0, ...place, leader: 'manager', leaderGeneration: 1 }
const attempt = { token, workflow, credits: [1, 2] }
const trace = { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`, tracestate: 'c=1' }
const dispatch = {
  ...{ ...attempt, name: 'double', version: '1', attempt: 1 },
  ...{ timeoutMs: 1_000, exclusive: true, input, trace },
}
const report: Report = { kind: 'completed', token, workflow, credits: [3], result: input, statistics: input }
const failure: Report = { kind: 'failed', token, workflow, credits: [4], error, retryable: true }
const ask: Report = { kind: 'extend', token, workflow, credits: [], number: 1, progress: 2, wantedMs: 500 }
const from = { worker: 'worker', generation: 1 }

/** A frame of each message between a worker and its leaders, and between these. */
export const workerFrames: readonly (readonly [string, Uint8Array])[] = [
  [
    'worker.run',
    runMessage.encode({
      ...{ ...sender, logged: [token], dispatches: [{ ...dispatch, results: { a: input } }] },
      extensions: [{ token, number: 1, grantedMs: 500 }],
      want: { slots: 1, unit: 1 },
    }),
  ],
  [
    'worker.cancel',
    cancelMessage.encode({ ...sender, cancels: [{ ...attempt, cause: 'cancel', reason: 'why' }] }),
  ],
  ['worker.ask', askMessage.encode({ ...sender, opening: true, last: true, questions: [attempt] })],
  [
    'worker.renew',
    renewMessage.encode({
      ...from,
      streamEpoch: 1,
      epoch: 1,
      seen: { streamEpoch: 1, sequence: 9, term: '0123456789ab' },
      seenBefore: [{ streamEpoch: 1, sequence: 7, term: 'ba9876543210' }],
      heard: 8,
      opened: true,
      slots: 2,
      recall: 1,
      state: 'serving',
      credits: [1],
      held: [{ token, workflow }],
      offers: [{ name: 'double', policy }],
    }),
  ],
  ['worker.grant', grantMessage.encode({ ...place, want: { slots: 2, unit: 1 }, returned: [3] })],
  ['shard.seen', seenMessage.encode({ streamEpoch: 1, sequence: 9 })],
  ['worker.report', reportMessage.encode({ ...from, epoch: 1, reports: [report, failure, ask] })],
]
