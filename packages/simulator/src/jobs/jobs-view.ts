import type { WorkerView } from '@covey/actors'
import type { Retention } from '@covey/protocol'
import type { SimulatedNode } from '../simulated-node.js'
import type { Execution } from './executions.js'
import type { ExpectedWorkflow } from './expected-workflows.js'
import type { Heard } from './heard.js'
import type { PassedWork } from './observed-worker.js'
import type { ReadLogs } from './read-logs.js'
import type { ToldEnd, ToldGone, ToldState } from './told-states.js'
import type { ToldStreams } from './told-streams.js'
import type { WorkerWords } from './worker-words.js'

/** Work in a simulation, as it is seen from outside. */
export interface JobsView {
  /** Every function that has run, in the order in which they began. */
  readonly executions: readonly Execution[]
  /** Those that have not returned, in processes that live. */
  running(): readonly Execution[]
  readonly logs: Pick<ReadLogs, 'all' | 'of'>
  /** What leaders have told of workflows and jobs, in order. */
  readonly told: readonly ToldState[]
  /** Ends that a leader has told, by workflow and by job. */
  readonly ends: ReadonlyMap<string, ToldEnd>
  /** Jobs that are kept no more by the word of a leader. */
  readonly gone: ReadonlyMap<string, ToldGone>
  /** What managers are told to keep of jobs that have ended. */
  readonly retention: Retention
  readonly answers: Readonly<Heard['answers']>
  /** What clients were told to have expired. */
  readonly expiries: Readonly<Heard['expiries']>
  /** What clients were told of their cancels by filter. */
  readonly sweeps: Readonly<Heard['sweeps']>
  /** What clients were told that jobs have counted. */
  readonly totals: Readonly<Heard['totals']>
  /** What clients were told that jobs have counted so far. */
  readonly counts: Readonly<Heard['counts']>
  /** When a client was last told that a job is in the log. */
  readonly accepted: ReadonlyMap<string, number>
  /** What streams have told clients; nothing where nobody reads them. */
  readonly streams: Readonly<ToldStreams>
  /** The processes of clients that read streams now. */
  readers(): readonly string[]
  /** By id, of every job that was to be submitted. */
  readonly expected: ReadonlyMap<string, ExpectedWorkflow>
  /** The ids of the workflows of a job that was to be submitted. */
  workflowsOf(job: string): readonly string[]
  /** What workers have said to leaders. */
  readonly words: Pick<WorkerWords, 'refusals' | 'creditOf' | 'followedBy'>
  worker(node: SimulatedNode): WorkerView | undefined
  /** What passed between a process and who leads a shard. */
  passed(node: SimulatedNode, shard: number): PassedWork | undefined
  /** Jobs of which a log has lost entries (K11), and when it did last: what was told of them before may be otherwise now. */
  readonly reopened: ReadonlyMap<string, number>
  /** When a copy of the stores was put back last: what was stored until then may be gone (K11). */
  lastCopyMs(): number
  /** Subjects of all that the object store holds. */
  objectNames(): readonly string[]
  /** Whether a leader's clock has gone forward at once since then: leases are counted by it. */
  hasJumped(sinceMs: number): boolean
}
