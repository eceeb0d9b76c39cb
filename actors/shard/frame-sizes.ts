import type {
  Answer,
  Counted,
  Demand,
  Dispatch,
  ErrorReport,
  LogEvent,
  Outcome,
  TraceContext,
  WorkflowView,
} from '@covey/protocol'
import { charactersOf, limits } from '@covey/protocol'

/** Room left in a frame for its envelope and the fields beside the payloads. */
const frameOverheadBytes = 2_048

/** A text of a person in UTF-8 takes up to three bytes for each of its units. */
const textBytes = (units: number): number => units * 3

/** Bytes of an error, at most. */
export const errorBytes = (error: ErrorReport | null | undefined): number =>
  error ? textBytes(charactersOf(error)) + 64 : 0

const traceBytes = (trace: TraceContext | undefined): number =>
  trace === undefined ? 0 : limits.traceBytesMax

/** Bytes of what a step demands, at most. */
const demandBytes = (demand: Demand | undefined): number =>
  demand === undefined
    ? 0
    : (demand.requires ?? []).reduce(
        (sum, label) => sum + label.length + 2,
        textBytes(demand.key?.length ?? 0) + 64,
      )

/** Bytes that one event adds to a batch, at most: a batch over the payload would be refused for ever (K38). */
export function eventBytes(event: LogEvent): number {
  switch (event.type) {
    case 'job.submitted':
      return event.workflows.reduce(
        (sum, step) => sum + step.input.byteLength + step.after.length * 66 + demandBytes(step.demand) + 200,
        512 + traceBytes(event.trace),
      )
    case 'workflow.completed':
      return event.result.byteLength + (event.statistics?.byteLength ?? 0) + 512
    case 'workflow.failed':
      return errorBytes(event.error) + (event.statistics?.byteLength ?? 0) + 512
    case 'workflow.assigned':
      return event.credits.length * 9 + 768
    case 'cancel.requested':
      return textBytes(event.reason.length) + (event.steps?.length ?? 0) * 66 + 512
    default:
      return 'reason' in event ? textBytes(event.reason.length) + 512 : 512
  }
}

/** Bytes of one dispatch, at most. */
export function dispatchBytes({ input, results, credits, trace }: Dispatch): number {
  const bytes = input.byteLength + credits.length * 9 + 768 + traceBytes(trace)
  if (results === undefined) return bytes
  return Object.entries(results).reduce(
    (sum, [step, result]) => sum + step.length + result.byteLength + 16,
    bytes,
  )
}

/** Bytes of one outcome, at most. */
export const outcomeBytes = ({ result, error }: Outcome): number =>
  (result?.byteLength ?? 0) + errorBytes(error) + 512

/** Bytes of one workflow in a page of its job, at most. */
export const viewBytes = ({ error, after = [], demand, waits = '' }: WorkflowView): number =>
  errorBytes(error) + after.length * 66 + demandBytes(demand) + textBytes(waits.length) + 512

/** Bytes of what one workflow counted, at most. */
export const countedBytes = ({ value }: Counted): number => value.byteLength + 256

/** Bytes of one answer, at most. */
export function answerBytes(answer: Answer): number {
  switch (answer.type) {
    case 'error':
      return errorBytes(answer.error) + 64
    case 'outcome':
      return outcomeBytes(answer.outcome) + 64
    case 'job':
      return answer.workflows.reduce((sum, view) => sum + viewBytes(view), 256)
    case 'cancelled':
      return answer.outcomes.length * 192 + 64
    case 'status':
      return answer.nodes.reduce(
        (sum, { labels = [] }) => sum + labels.join().length + labels.length + 512,
        512,
      )
    case 'jobs':
      return answer.jobs.length * limits.jobViewBytesMax + 64
    case 'statistics':
      return answer.counted.reduce((sum, counted) => sum + countedBytes(counted), 256)
    default:
      return 256
  }
}

/** Cuts a list into parts that fit one frame, by count and by bytes. */
export function* cut<Item>(items: readonly Item[], bytesOf: (item: Item) => number): Generator<Item[]> {
  let part: Item[] = []
  let bytes = frameOverheadBytes
  for (const item of items) {
    const size = bytesOf(item)
    const full = part.length >= limits.commandsPerMessageMax || bytes + size > limits.payloadBytesMax
    if (part.length > 0 && full) {
      yield part
      part = []
      bytes = frameOverheadBytes
    }
    part.push(item)
    bytes += size
  }
  if (part.length > 0) yield part
}
