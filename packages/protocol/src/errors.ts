/** What a caller may do about an error: nothing by repeating it, or try again. */
export type ErrorClass = 'terminal' | 'retryable'

interface ErrorRow {
  readonly class: ErrorClass
  readonly about: string
}

/** Every code, once: `docs/errors.md` is made from this table. */
export const errorTable = {
  invalid_id: { class: 'terminal', about: 'A name has characters or a length that a subject cannot carry.' },
  invalid_token: {
    class: 'terminal',
    about: 'A fencing token is not written streamEpoch.epoch.sequence.index.',
  },
  invalid_message: { class: 'terminal', about: 'A frame is not of a known version, kind or shape.' },
  invalid_options: {
    class: 'terminal',
    about: 'An option has a value that cannot work; the message names it.',
  },
  invalid_definition: {
    class: 'terminal',
    about: 'A workflow definition lacks something or contradicts itself.',
  },
  invalid_input: { class: 'terminal', about: "The input does not fit the workflow's schema." },
  invalid_output: { class: 'terminal', about: "The function's result does not fit the workflow's schema." },
  invalid_job: {
    class: 'terminal',
    about:
      'A job has a cycle, an unknown dependency, a doubled step, no step, or an option that nobody knows.',
  },
  too_large: { class: 'terminal', about: 'A payload is over its limit; the message names both sizes.' },
  id_conflict: { class: 'terminal', about: 'The id is taken by a job with other content.' },
  unknown_workflow: { class: 'terminal', about: 'No worker of the cluster offers a workflow of that name.' },
  not_found: { class: 'terminal', about: 'No job, workflow or channel has that name.' },
  expired: {
    class: 'terminal',
    about: 'The job ended too long ago, or too many have since: its results are not kept any more.',
  },
  too_old: {
    class: 'terminal',
    about:
      'A submit that was sent more than once, and so many jobs went meanwhile that its id may be forgotten: it may have run, and runs no second time (K25).',
  },
  result_lost: {
    class: 'terminal',
    about:
      'A large result was in the object store and has not been there for 30 s, or is not as the log names it.',
  },
  name_in_use: {
    class: 'terminal',
    about: 'A live node has that name; pass --replace to take it over (K15).',
  },
  departed: { class: 'terminal', about: 'This node has left the cluster; only rejoin() brings it back.' },
  superseded: { class: 'terminal', about: 'Another process has taken over the name of this node.' },
  evicted: {
    class: 'terminal',
    about: 'An operator has put the node out of the cluster, until covey readmit.',
  },
  last_manager: {
    class: 'terminal',
    about: 'The only manager cannot be put out of the cluster: nobody could take it in again.',
  },
  closed: { class: 'terminal', about: 'The client or node has been closed.' },
  incompatible: {
    class: 'terminal',
    about:
      'Two nodes differ in version, capabilities or timings, so that no session can be between them; or a node that joins has other settings than the cluster.',
  },
  handler_failed: {
    class: 'terminal',
    about: "A channel's handler threw on that message; its error is quoted.",
  },
  permission_denied: {
    class: 'terminal',
    about: 'The broker does not allow this subject to these credentials.',
  },
  broker_missing: { class: 'terminal', about: 'No nats-server program is found on this machine.' },
  broker_failed: {
    class: 'terminal',
    about: 'The nats-server child ended or did not get ready; its last words are quoted.',
  },
  broker_unsuitable: {
    class: 'terminal',
    about: 'The broker is too old, has no JetStream, or a stream that is not configured as needed.',
  },
  log_damaged: {
    class: 'terminal',
    about: 'Entries of a shard are missing from its log: a manager can compute the shard no more (K2).',
  },
  log_restored: {
    class: 'terminal',
    about:
      'The log of a shard ended earlier than somebody had seen it: its store was restored, or lost power. What came later is gone (K11).',
  },
  log_foreign: {
    class: 'terminal',
    about:
      'Another version of Covey has led a shard and writes its log otherwise: this one cannot lead it (K38).',
  },
  folder_unusable: {
    class: 'terminal',
    about: 'A folder or file that is needed cannot be made or written; the message says why.',
  },
  store_locked: { class: 'terminal', about: 'Another broker uses the data folder.' },
  module_failed: { class: 'terminal', about: 'A workflow module cannot be loaded or exports no workflow.' },
  cluster_not_found: {
    class: 'terminal',
    about: 'No server was given and no .covey/cluster.json is found upwards.',
  },
  workflow_failed: { class: 'terminal', about: "The workflow's function threw; its error is the cause." },
  workflow_cancelled: { class: 'terminal', about: 'The workflow was cancelled before it completed.' },
  workflow_skipped: { class: 'terminal', about: 'A dependency did not complete, so the workflow never ran.' },
  workflow_timeout: {
    class: 'terminal',
    about: 'The attempt ran longer than the timeout of its definition.',
  },
  worker_lost: { class: 'terminal', about: 'Its workers were lost too often while the workflow ran.' },
  poisoned: {
    class: 'terminal',
    about: 'A log event made its chart throw; the workflow failed at that place on every manager (K38).',
  },
  fenced: { class: 'terminal', about: 'The attempt lost its lease or its token; its effects are void.' },
  unreachable: {
    class: 'retryable',
    about: 'The broker, or another node, cannot be reached now; what was asked may have been done.',
  },
  no_leader: {
    class: 'retryable',
    about:
      'No manager led the shard, or none answered, within the deadline: what was asked may have been done.',
  },
  deadline: { class: 'retryable', about: 'The answer did not come within the deadline; ask again by id.' },
  overloaded: {
    class: 'retryable',
    about: 'A bounded queue is full, or a cluster has as many nodes as it may; try again later.',
  },
  rate_limited: {
    class: 'retryable',
    about:
      'The client does it more often than one client may; the message names the limit and the time to wait.',
  },
  host_ended: {
    class: 'retryable',
    about:
      'The thread or process of an isolated function did not start, or ended before the function did: it threw past it, exited, crashed or ran out of memory.',
  },
  storage_full: { class: 'retryable', about: 'The broker has no room for the stream.' },
  unavailable: { class: 'retryable', about: 'JetStream did not take the write; the cause is quoted.' },
} as const satisfies Record<string, ErrorRow>

/** One of the codes of {@link errorTable}. */
export type ErrorCode = keyof typeof errorTable

/** What an error adds to its message: the address it is about, what to do, and what caused it. */
export interface ErrorDetails {
  /** The id, subject, path or URL that the error is about. */
  readonly address?: string
  /** What the reader can do. */
  readonly mend?: string
  readonly cause?: unknown
  /** Milliseconds after which the same call may succeed, where whoever refused it says so. */
  readonly retryAfterMs?: number
  /** Which execution of which workflow it ended. */
  readonly origin?: ErrorOrigin
  /** What the call was about that it ended. */
  readonly about?: ErrorAbout
}

/** What a call is about whose error may mean that it has been done. */
export type ErrorAbout = { readonly job: string; readonly step?: string } | { readonly node: string }

/** The workflow that an error ended: `attempt` and `node` are missing where none of it ever ran. */
export interface ErrorOrigin {
  readonly job: string
  readonly step: string
  /** From 1. */
  readonly attempt?: number
  /** The worker of that attempt. */
  readonly node?: string
  /** How the attempts before failed. */
  readonly before?: readonly string[]
}

/**
 * The one error of Covey. Its `code` decides whether trying again can help (`retryable`); `address` says what it is
 * about and `mend` what to do. Messages are for people: programs match on `code`.
 */
export class CoveyError extends Error {
  override readonly name = 'CoveyError'
  readonly code: ErrorCode
  readonly address: string | undefined
  readonly mend: string | undefined
  /** Milliseconds after which the same call may succeed, where whoever refused it said so. */
  declare readonly retryAfterMs?: number
  /** The workflow that it ended, where a client waits for its result; the job, or the step of it, that a call was to submit or cancel. */
  declare readonly job?: string
  declare readonly step?: string
  /** The number of the last attempt, from 1, and its worker; missing where none ever ran. */
  declare readonly attempt?: number
  /** That worker; the node that a call was to put out, take in again or tell to leave. */
  declare readonly node?: string
  /** How the attempts before that one failed, in short: at most the last three, the oldest first. */
  declare readonly before?: readonly string[]

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.address = details.address
    this.mend = details.mend
    if (details.retryAfterMs !== undefined) this.retryAfterMs = details.retryAfterMs
    if (details.origin !== undefined) Object.assign(this, details.origin)
    if (details.about !== undefined) Object.assign(this, details.about)
  }

  /** Whether the same call may succeed later. */
  get retryable(): boolean {
    return errorTable[this.code].class === 'retryable'
  }
}

/**
 * Says whether a thrown value is our error, also one of another copy of this package: a workflow module may bring its
 * own.
 */
export const isCoveyError = (value: unknown): value is CoveyError =>
  value instanceof CoveyError ||
  (value instanceof Error &&
    value.name === 'CoveyError' &&
    'code' in value &&
    isErrorCode(String(value.code)))

/** Says whether a text is one of the codes of {@link errorTable}. */
export const isErrorCode = (code: string): code is ErrorCode => Object.hasOwn(errorTable, code)
