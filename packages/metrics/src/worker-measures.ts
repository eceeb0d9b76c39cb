import type { WorkerView } from '@covey/actors'
import { counter, gauge, type Measure, type Sample, sample, samplesOfState } from './measure.js'

const workerStates = ['registering', 'ready', 'full', 'draining', 'fenced', 'stopped']

const ofWorker =
  (read: (worker: WorkerView) => number) =>
  ({ worker }: { readonly worker?: WorkerView }): Sample[] =>
    worker === undefined ? [] : [sample(read(worker))]

/** What a worker tells of itself. */
export const workerMeasures: readonly Measure[] = [
  gauge('covey_worker_state', 'State of the worker: 1 for the one that it is in.', ({ worker }) =>
    worker === undefined ? [] : samplesOfState(workerStates, worker.state),
  ),
  gauge(
    'covey_worker_slots',
    'Slots that the worker has.',
    ofWorker(({ slotsTotal }) => slotsTotal),
  ),
  gauge(
    'covey_worker_slots_used',
    'Slots of attempts whose ending word is in neither log nor outbox.',
    ofWorker(({ slotsUsed }) => slotsUsed),
  ),
  gauge(
    'covey_worker_attempts_running',
    'Attempts whose function has not returned.',
    ofWorker(({ running }) => running),
  ),
  gauge(
    'covey_worker_outbox_words',
    'Ending words that the worker left in the outbox and that no leader has called logged yet.',
    ofWorker(({ outboxWords }) => outboxWords),
  ),
  counter(
    'covey_worker_stale_commands_total',
    'Commands of deposed leaders that were refused.',
    ofWorker(({ staleCommands }) => staleCommands),
  ),
]
