import type { Environment, Member, Members } from '@covey/actors'
import {
  type Answer,
  answersMessage,
  askMessage,
  CoveyError,
  cancelMessage,
  createSubjects,
  grantMessage,
  runMessage,
  type StreamPlace,
  singleServerTimings,
} from '@covey/protocol'
import type { Said, ToClient, WorkerName } from './mail.js'
import { endings } from './term.js'

const subjects = createSubjects('checker')

/** Something that a leader has sent. */
export interface Frame {
  readonly subject: string
  readonly data: Uint8Array
}

/** No log of this model loses entries, so that how far one goes decides nothing (K11). */
const placeless = <Command extends StreamPlace>(command: Command): Command => ({ ...command, sequence: 0 })

/** What was said by a frame, and to whom. */
export function saidIn({ subject, data }: Frame, names: readonly WorkerName[]): Said[] {
  if (subject === 'client')
    return answersMessage.decode(data).answers.flatMap((answer) => {
      const message = toClient(answer)
      return message ? [{ to: 'client', message }] : []
    })
  if (subject.startsWith('grant.'))
    return [
      { to: Number(subject.slice(6)), message: { kind: 'grant', epoch: grantMessage.decode(data).epoch } },
    ]
  for (const [to, { worker, generation }] of names.entries()) {
    const isFor = (operation: 'run' | 'cancel' | 'ask'): boolean =>
      subject === subjects.node(worker, generation, operation)
    if (isFor('run')) return [{ to, message: { kind: 'run', command: placeless(runMessage.decode(data)) } }]
    if (isFor('cancel'))
      return [{ to, message: { kind: 'cancel', command: placeless(cancelMessage.decode(data)) } }]
    if (isFor('ask')) return [{ to, message: { kind: 'ask', command: placeless(askMessage.decode(data)) } }]
  }
  throw new Error(`nobody hears ${subject}`)
}

function toClient(answer: Answer): ToClient | undefined {
  switch (answer.type) {
    case 'submitted':
      return { kind: 'submitted', job: answer.number }
    case 'cancelled':
      return { kind: 'cancelled', job: answer.number, outcome: answer.outcomes[0]?.outcome ?? 'nothing' }
    case 'outcome':
      return answer.outcome.ended
        ? { kind: 'outcome', job: answer.number, state: answer.outcome.state }
        : undefined
    case 'error':
      // A cancel that came before its job, and in the log.
      if (answer.error.code === 'not_found')
        return { kind: 'cancelled', job: answer.number, outcome: 'not found' }
      throw new CoveyError(answer.error.code, answer.error.message)
    default:
      throw new Error(`nobody asked for ${answer.type}`)
  }
}

/** Everything around a leader: what it sends is kept, and no time passes. */
export function environment({ frames }: { readonly frames: Frame[] }): Environment {
  const publish = (subject: string, data: Uint8Array): void => {
    frames.push({ subject, data })
  }
  return {
    subjects,
    timings: singleServerTimings,
    clock: { now: () => 0, setTimeout: (run: () => void) => run(), clearTimeout: () => undefined },
    random: { next: () => 0.5 },
    links: { control: { publish } },
    notice: ({ kind, ...more }: { kind: string }) => {
      throw new Error(`${kind}: ${JSON.stringify(more)}`)
    },
  } as unknown as Environment
}

/** The workers as a manager sees them that has read these endings. */
export function membersOf(known: readonly number[], names: readonly WorkerName[]): Members {
  const endOf = (nodeId: string, generation: number) => {
    const how =
      endings[known[names.findIndex((name) => name.worker === nodeId && name.generation === generation)] ?? 0]
    return how ? { nodeId, generation, how, dirty: false } : undefined
  }
  const living = () =>
    names
      .filter(({ worker, generation }) => endOf(worker, generation) === undefined)
      .map(({ worker, generation }) => ({ nodeId: worker, generation, state: 'active', roles: ['worker'] }))
  return {
    all: () => living() as unknown as readonly Member[],
    find: (nodeId) => living().find((member) => member.nodeId === nodeId) as unknown as Member | undefined,
    endOf,
    caughtUp: true,
    onNews: () => () => undefined,
    ask: () => undefined,
  }
}
