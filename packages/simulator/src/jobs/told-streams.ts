import type { JobSummary, Progress, TransitionOf } from 'covey'

/** What the streams of clients tell of jobs and their workflows. */
export type ToldTransition = TransitionOf<'job' | 'workflow'>

/** A process of a client was told something by a stream. */
interface Told {
  /** The process: each subscribes anew. */
  readonly client: string
}

/** A transition, by the stream of all jobs. */
export interface StreamedTransition extends Told {
  readonly transition: ToldTransition
}

/** A job, by the list of all jobs. */
export interface ListedJob extends Told {
  readonly job: JobSummary
}

/** What a function has reported. */
export interface StreamedProgress extends Told {
  readonly progress: Progress
}

/** The stream of the transitions of one job has ended, and what it told last of the job and of each of its workflows. */
export interface EndedStream extends Told {
  readonly job: string
  readonly states: ReadonlyMap<string, string>
}

/** All that the streams of clients have told, each in the order in which it was told. */
export interface ToldStreams {
  readonly transitions: StreamedTransition[]
  readonly lists: ListedJob[]
  readonly progress: StreamedProgress[]
  readonly ended: EndedStream[]
}

/** Nothing yet. */
export const nothingTold = (): ToldStreams => ({ transitions: [], lists: [], progress: [], ended: [] })
