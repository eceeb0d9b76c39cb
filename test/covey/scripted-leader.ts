import {
  type Answer,
  answersMessage,
  type Command,
  type CommandsMessage,
  commandsMessage,
  createSubjects,
  type Outcome,
  outcomesMessage,
} from '@covey/protocol'
import type { Links, Stop } from '@covey/transport'

/** What the script answers to one command; `undefined` leaves it out of the reply. */
export type Script = (command: Command) => Answer | undefined

/** A leader that does as it is told: no log, no fold. */
export class ScriptedLeader {
  readonly frames: CommandsMessage[] = []
  readonly #links: Links
  readonly #stop: Stop
  script: Script
  epoch = 1
  sequence = 1
  term = '0123456789ab'
  /** What clients may have under way; no bound where it is missing. */
  credit: number | undefined
  /** Hears and says nothing, as one that does not lead (K23). */
  isSilent = false

  constructor(links: Links, cluster: string, script: Script) {
    this.#links = links
    this.script = script
    this.#stop = links.control.subscribe(createSubjects(cluster).command(0), ({ data, reply }) => {
      const frame = commandsMessage.decode(data)
      this.frames.push(frame)
      if (this.isSilent || reply === undefined) return
      const answers = frame.commands
        .map((command) => this.script(command))
        .filter((answer) => answer !== undefined)
      const credit = this.credit === undefined ? {} : { credit: this.credit }
      links.control.publish(
        reply,
        answersMessage.encode({
          ...{ streamEpoch: 1, epoch: this.epoch, sequence: this.sequence, term: this.term },
          ...{ answers, ...credit },
        }),
      )
    })
  }

  get commands(): Command[] {
    return this.frames.flatMap(({ commands }) => commands)
  }

  push(inbox: string, ...outcomes: Outcome[]): void {
    this.#links.data.publish(inbox, outcomesMessage.encode({ outcomes }))
  }

  stop(): void {
    this.#stop()
  }
}

/** Accepts every submit and every cancel, and knows of no result yet. */
export const accepting: Script = (command) => {
  const { number } = command
  switch (command.type) {
    case 'job.submit':
      return { type: 'submitted', number, job: command.job, sequence: 1, again: false }
    case 'job.cancel':
      return { type: 'cancelled', number, outcomes: [], more: 0 }
    case 'jobs.cancel':
      return { type: 'swept', number, sequence: 1, jobs: 0, cancelled: 0, cancelling: 0, already: 0 }
    case 'job.get':
      return { type: 'job', number, id: command.job, state: 'running', total: 1, ended: 0, workflows: [] }
    case 'result.get':
      return { type: 'outcome', number, outcome: { id: command.workflow, state: 'running', ended: false } }
    case 'status.get':
      return {
        type: 'status',
        number,
        nodes: [],
        shards: [],
        jobs: { running: 0, completed: 0, failed: 0, cancelled: 0 },
      }
    case 'job.list':
      return { type: 'jobs', number, total: 0, jobs: [] }
    case 'statistics.get':
      return { type: 'statistics', number, id: command.job, state: 'running', total: 0, counted: [] }
  }
}

/** Answers from a register of jobs by id and digest, as a shard does (submit is idempotent by id). */
export function registering(jobs = new Map<string, string>()): Script {
  return (command) => {
    if (command.type !== 'job.submit') return accepting(command)
    const { number, job, digest } = command
    const known = jobs.get(job)
    if (known !== undefined && known !== digest) {
      return {
        type: 'error',
        number,
        error: { code: 'id_conflict', message: `job ${job} exists with other content` },
      }
    }
    jobs.set(job, digest)
    return { type: 'submitted', number, job, sequence: 1, again: known !== undefined }
  }
}
