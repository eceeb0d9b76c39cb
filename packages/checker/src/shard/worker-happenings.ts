import type { AttemptEvent } from '@covey/machines'
import type { TokenText } from '@covey/protocol'
import type { ToWorker, WorkerName } from './mail.js'
import { unborn, type WorkerNews, type WorkerTable } from './worker-table.js'
import type { Attempt, WorkerRun, WorkerTurn } from './worker-turn.js'
import type { Budget } from './world.js'

/** What may happen to a worker, and what it does. */
export interface WorkerHappening {
  readonly word: string
  readonly spends?: Budget
  readonly turn: WorkerTurn
}

const quietly = (run: WorkerRun): WorkerTurn => ({ run, reports: [], renews: false, stores: [] })
const goneRun: WorkerRun = { ...unborn, life: 'gone' }
/** A code that has returned leaves nothing of a worker that may say nothing more. */
const ended = (turn: WorkerTurn): WorkerTurn =>
  turn.run.attempts.some(({ runs }) => runs) ? turn : quietly(withRan(goneRun, turn.run))
const withRan = (run: WorkerRun, { ran }: WorkerRun): WorkerRun => ({ ...run, ran })

/** The workers of a shard, each by itself. */
export class WorkerHappenings {
  readonly #table: WorkerTable

  constructor(table: WorkerTable) {
    this.#table = table
  }

  /** Whatever others do; it has heard that its generation is over where that is written. */
  alone(run: WorkerRun, isEnded: boolean): readonly WorkerHappening[] {
    if (run.life === 'unborn') return [{ word: 'starts', turn: this.#table.born() }]
    if (run.life === 'gone') return []
    const killed = { word: 'is killed', spends: 'kills', turn: quietly(withRan(goneRun, run)) } as const
    const coded = run.attempts.flatMap(({ token, runs }) => (runs ? this.#coded(run, token) : []))
    if (run.life === 'ending') return [killed, ...coded]
    return [
      killed,
      ...coded,
      ...run.attempts.flatMap((attempt) => this.#timed(run, attempt)),
      ...run.attempts.flatMap((attempt) => {
        if (!this.#table.isReporting(attempt)) return []
        const { token } = attempt
        const say = (hears: boolean): WorkerTurn => this.#table.tellAttempt(run, token, 'repeat', hears)
        return [
          { word: `says its word on ${token} again, and leaves it in the outbox`, turn: say(true) },
          { word: `leaves its word on ${token} in the outbox, and does not hear so`, turn: say(false) },
        ]
      }),
      { word: 'renews its lease', turn: this.#table.tell(run, { type: 'renewal.due', shard: 0 }) },
      ...(isEnded ? [this.#fenced(run)] : []),
      ...(this.#table.bookOf(run)?.fenced === true
        ? []
        : [
            {
              word: 'has no lease any more',
              spends: 'expiries' as const,
              turn: this.#table.tell(run, { type: 'lease.checked' }, true),
            },
          ]),
    ]
  }

  /** A message of a leader arrives. */
  hearing(run: WorkerRun, message: ToWorker, { worker, generation }: WorkerName): readonly WorkerHappening[] {
    if (run.life !== 'up') return []
    const word = `${worker}.${generation} hears: ${wordOf(message)}`
    return [{ word, turn: this.#table.tell(run, newsOf(message)) }]
  }

  /** It reads that its generation has ended: it stops, and says nothing more. */
  #fenced(run: WorkerRun): WorkerHappening {
    const { run: stopped } = this.#table.tell(run, { type: 'worker.fence' })
    return { word: 'reads that it has ended', turn: ended(quietly({ ...stopped, life: 'ending' })) }
  }

  /** Its function goes on, and asks for more time to do so; or its time is over. */
  #timed(run: WorkerRun, attempt: Attempt): WorkerHappening[] {
    const { token, time } = attempt
    if (this.#table.attemptStateOf(attempt) !== 'running') return []
    const ask = this.#table.askTime(run, token)
    return [
      time.asksWith >= 0
        ? { word: `asks again for more time for ${token}`, turn: ask }
        : { word: `asks for more time for ${token}`, spends: 'asks', turn: ask },
      {
        word: `reports progress of ${token}`,
        spends: 'progress',
        turn: this.#table.progress(run, token),
      },
      {
        word: `finds that the time of ${token} is over`,
        spends: 'overruns',
        turn: this.#table.overrun(run, token),
      },
    ]
  }

  #coded(run: WorkerRun, token: TokenText): WorkerHappening[] {
    const end = (word: string, event: AttemptEvent, spends?: Budget): WorkerHappening => {
      const turn = this.#table.tellAttempt(run, token, event)
      const what = { word, turn: run.life === 'ending' ? ended(quietly(turn.run)) : turn }
      return spends === undefined ? what : { ...what, spends }
    }
    return [
      end(`ends the code of ${token}`, { type: 'code.completed', result: new Uint8Array(0) }),
      end(
        `finds that the code of ${token} has failed`,
        { type: 'code.failed', error: { code: 'workflow_failed', message: 'it failed' }, retryable: true },
        'failures',
      ),
    ]
  }
}

function newsOf(message: ToWorker): WorkerNews {
  switch (message.kind) {
    case 'run':
      return { type: 'run.received', command: message.command }
    case 'cancel':
      return { type: 'cancel.received', command: message.command }
    case 'ask':
      return { type: 'ask.received', command: message.command }
    default:
      return {
        type: 'grant.received',
        shard: 0,
        streamEpoch: 1,
        epoch: message.epoch,
        sentAt: { monotonicMs: 0, wallMs: 0 },
      }
  }
}

function wordOf(message: ToWorker): string {
  switch (message.kind) {
    case 'run': {
      const { epoch, logged, dispatches } = message.command
      const run = dispatches.map(({ token, credits }) => `run ${token} on credit ${credits.join()}`)
      const { extensions = [] } = message.command
      return [
        ...extensions.map(
          ({ token, number, grantedMs }) => `ask ${number} of ${token} gives ${grantedMs} ms`,
        ),
        ...logged.map((token) => `the word on ${token} is in the log`),
        ...run,
        `(epoch ${epoch})`,
      ].join(', ')
    }
    case 'cancel':
      return `stop ${message.command.cancels.map(({ token }) => token).join()} (epoch ${message.command.epoch})`
    case 'ask': {
      const { opening, questions, epoch } = message.command
      const about = questions.map(({ token }) => token).join() || 'nothing'
      return `${opening ? 'I lead now; ' : ''}what has become of ${about}? (epoch ${epoch})`
    }
    default:
      return `the lease is granted (epoch ${message.epoch})`
  }
}
