import { CoveyError } from '@covey/protocol'
import type { Client } from 'covey'
import type { ToldStreams } from './told-streams.js'

/** What a reader of streams is made with. */
export interface StreamReaderOptions {
  /** The process that reads. */
  readonly client: string
  /** Where it writes down what it is told. */
  readonly told: ToldStreams
  /** A stream has ended as none may. */
  readonly onFault: (what: string) => void
}

/** Reads the streams of a client as its user does, from its start on. */
export class StreamReader {
  readonly #options: StreamReaderOptions

  constructor(options: StreamReaderOptions) {
    this.#options = options
  }

  /** Subscribes to all jobs, for as long as the client is open. */
  begin(client: Client): void {
    const { told, client: name } = this.#options
    client.transitions({ kind: ['job', 'workflow'] }).subscribe({
      next: (transition) => told.transitions.push({ client: name, transition }),
      error: (error) => this.#fail('transitions', error),
    })
    client.jobs$.subscribe({
      next: (jobs) => told.lists.push(...jobs.map((job) => ({ client: name, job }))),
      error: (error) => this.#fail('jobs$', error),
    })
  }

  /** Reads the streams of one job, until both have ended. Rejects as they do. */
  async followJob(client: Client, job: string): Promise<void> {
    const { told, client: name } = this.#options
    const states = new Map<string, string>()
    const handle = client.handle(job)
    const reading = handle.progress$.forEach((progress) => {
      told.progress.push({ client: name, progress })
    })
    const following = handle.transitions$.forEach(({ actor, to }) => {
      states.set(actor, to)
    })
    await Promise.all([reading, following])
    told.ended.push({ client: name, job, states })
  }

  #fail(stream: string, error: unknown): void {
    if (error instanceof CoveyError && error.code === 'closed') return
    this.#options.onFault(`${stream} has ended: ${String(error)}`)
  }
}
