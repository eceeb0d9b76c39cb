import {
  activeFact,
  answersMessage,
  batchMessage,
  byeMessage,
  claimMessage,
  commandsMessage,
  defaultRetention,
  departedFact,
  drainMessage,
  evictMessage,
  exitedMessage,
  gossipMessage,
  inspectAnswer,
  inspectMessage,
  joinedFact,
  leavingFact,
  orderAnswer,
  outboxMessage,
  outcomesMessage,
  packValue,
  probeAnswer,
  probeMessage,
  progressMessage,
  type Report,
  readmitMessage,
  statisticsAnswer,
  statisticsAsk,
  statisticsMessage,
  tapFrame,
  tapMessage,
  transitionMessage,
  voteMessage,
  watchMessage,
  watchState,
} from '@covey/protocol'
import { sessionFrames } from './session-frames.js'
import { detectionFrames } from './valid-detection-frames.js'
import { managerFrames } from './valid-manager-frames.js'
import { workerFrames } from './valid-worker-frames.js'

const [token, workflow, input] = ['1.1.5.0', 'job/main', packValue({ deep: [1, 'two', null] })]
const error = { code: 'workflow_failed', message: 'no', causes: [{ name: 'Error', message: 'why' }] } as const
const policy = {
  ...{ version: '1', slots: 1, exclusive: true, timeoutMs: 1_000 },
  ...{ attempts: 3, backoffMs: 10, backoffFactor: 2, backoffMaxMs: 100, keyLimit: 2 },
}
const trace = { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`, tracestate: 'c=1' }
const chunk = { index: 0, count: 1 }
const steps = [{ step: 'main', name: 'double', input, after: [], demand: { key: 'k', requires: ['gpu'] } }]
const job = { job: 'job', digest: 'd', chunk, workflows: steps, trace } as const
const submit = { type: 'job.submit', number: 1, ...job } as const
const place = { shard: 0, sequence: 5, index: 0 }
const moved = { from: 'queued', event: 'workflow.assigned', to: 'assigned', at: place, elapsedMs: 1.5 }
const transition = { node: 'manager', generation: 1, kind: 'workflow', actor: workflow, ...moved }
const report: Report = { kind: 'completed', token, workflow, credits: [3], result: input }
const from = { worker: 'worker', generation: 1 }
const write = { streamEpoch: 1, epoch: 1, bootId: 'b'.repeat(32), elapsedMs: 1 }
const joined = {
  ...{ bootId: 'b'.repeat(32), host: 'here', pid: 1, roles: ['worker' as const] },
  ...{ slots: 2, version: '0.1.0', since: 'then' },
}

/** A frame of every message of the protocol, by its kind: what a fuzzer begins with. */
export const validFrames: ReadonlyMap<string, Uint8Array> = new Map([
  [
    'client.commands',
    commandsMessage.encode({
      client: 'c',
      seen: { streamEpoch: 1, sequence: 9 },
      commands: [submit, { type: 'status.get', number: 2 }],
    }),
  ],
  [
    'client.answers',
    answersMessage.encode({
      ...{ streamEpoch: 1, epoch: 1, sequence: 5 },
      answers: [{ type: 'error', number: 1, error }],
    }),
  ],
  [
    'client.outcomes',
    outcomesMessage.encode({ outcomes: [{ id: workflow, state: 'failed', ended: true, error }] }),
  ],
  ['member.joined', joinedFact.encode(joined)],
  ['member.active', activeFact.encode({ bootId: joined.bootId })],
  ['member.leaving', leavingFact.encode({ reason: 'maintenance' })],
  [
    'member.departed',
    departedFact.encode({
      ...({ kind: 'crashed', by: 'a' } as const),
      evidence: { quorum: 2, electorate: ['a'], votes: ['b'] },
    }),
  ],
  ['inspect.ask', inspectMessage.encode({ type: 'actor', kind: 'worker', actor: 'worker' })],
  ['inspect.answer', inspectAnswer.encode({ type: 'counters', counters: { 'frame.refused': 1 } })],
  [
    'log.batch',
    batchMessage.encode({
      ...{ ...write, number: 1 },
      events: [
        { type: 'job.submitted', ...job },
        { type: 'snapshot.taken', sequence: 1, parts: 1, bytes: 9, digest: 'ab' },
        { type: 'workflow.assigned', workflow, ...from, credits: [1], policy },
      ],
    }),
  ],
  [
    'log.claim',
    claimMessage.encode({
      ...write,
      ...{ leader: 'a', generation: 1, attempt: 1 },
      ...{ foldVersion: 1, retention: defaultRetention },
    }),
  ],
  [
    'node.probe',
    probeMessage.encode({ from: 'ghost', generation: 1, about: { node: 'worker', generation: 1 } }),
  ],
  ...detectionFrames,
  [
    'node.probed',
    probeAnswer.encode({ generation: 1, state: 'active', health: 0, lagMs: 20, suspected: false }),
  ],
  ...sessionFrames,
  [
    'member.vote',
    voteMessage.encode({
      generation: 1,
      number: 1,
      health: 0,
      suspects: [{ node: 'worker', generation: 1, incarnation: 0 }],
    }),
  ],
  ['member.gossip', gossipMessage.encode({ generation: 1, incarnation: 1, state: 'active' })],
  ['member.bye', byeMessage.encode({ generation: 1, reason: 'maintenance' })],
  ['node.exited', exitedMessage.encode({ node: 'ghost', pid: 1, bootId: joined.bootId, how: 'code 1' })],
  ['node.drain', drainMessage.encode({ reason: 'maintenance' })],
  ['node.evict', evictMessage.encode({ node: 'ghost' })],
  ['node.readmit', readmitMessage.encode({ node: 'ghost' })],
  ['order.answered', orderAnswer.encode({ generation: 1, error })],
  ['actor.transition', transitionMessage.encode({ number: 1, transition })],
  [
    'watch.open',
    watchMessage.encode({ watch: 'w', actors: ['*'], kinds: ['peer'], ttlMs: 1_000, withState: true }),
  ],
  [
    'watch.state',
    watchState.encode({
      node: 'manager',
      generation: 1,
      number: 1,
      part: 0,
      last: true,
      actors: [{ kind: 'peer', actor: 'peer:b', state: 'active', at: { local: 1 } }],
      folded: [{ shard: 0, streamEpoch: 1, sequence: 1 }],
    }),
  ],
  ['tap.open', tapMessage.encode({ ttlMs: 1_000, anew: true })],
  [
    'tap.frame',
    tapFrame.encode({
      ...{
        node: 'manager',
        generation: 1,
        number: 1,
        words: ['peer', 'active', ''],
        seen: 2,
        pass: 1,
        isWhole: true,
      },
      states: [[0, 0, 1]],
      actors: [0, 0, 'peer:b', 0, 5, 'c'],
      sample: [[0, 'peer:b', 2, 2, 1, place, 1.5]],
    }),
  ],
  ['outbox.report', outboxMessage.encode({ ...from, report })],
  ['workflow.progress', progressMessage.encode({ workflow, token, number: 1, value: input })],
  ['workflow.statistics', statisticsMessage.encode({ workflow, token, number: 1, value: input })],
  ['statistics.ask', statisticsAsk.encode({ job: 'job' })],
  ['statistics.answer', statisticsAnswer.encode({ attempts: 1 })],
  ...workerFrames,
  ...managerFrames,
])
