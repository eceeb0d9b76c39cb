import { departedFact, parseSubject, probeAnswer, probeMessage, type Subjects } from '@covey/protocol'
import type { Links } from '@covey/transport'

/** What stands in a process at a moment, as it is seen from outside. */
interface Standing {
  readonly generation: number
  readonly state: string
}

/** A message to one generation of a node, handed to a process that did not stand active under it. */
interface HandedMessage {
  readonly subject: string
  readonly generation: number
  /** As the process stood then. */
  readonly standing: Standing
}

/** What a voter answered to who asked it about a subject. */
export interface HeardVote {
  readonly voter: string
  readonly generation: number
  readonly about: string
  readonly suspected: boolean
  readonly state: string
  readonly health: number
  /** When it was asked, by the clock of who asked. */
  readonly askedAtMs: number
}

/** A process writes that another one has crashed. */
export interface WrittenCrash {
  readonly subject: string
  readonly generation: number
  readonly votes: readonly string[]
  readonly standing: Standing
  /** What it had been answered about the subject, oldest first. */
  readonly heard: readonly HeardVote[]
  readonly atMs: number
}

/** What passed between a process and its links since it was last looked at. */
export interface Passed {
  readonly handed: HandedMessage[]
  readonly crashes: WrittenCrash[]
}

/** What an observer needs to know of the process. */
export interface Observed {
  readonly subjects: Subjects
  now(): number
  standing(): Standing
  onChange(): void
}

/** Of so many answers about suspects a process is known to have had; older ones are of no use to it. */
const heardMax = 256

const bufferOf = (data: Uint8Array): Buffer =>
  data instanceof Buffer ? data : Buffer.from(data.buffer, data.byteOffset, data.length)

/** Looks at what passes through the links of one process, from outside the code that uses them, and changes nothing. */
export function observeLinks({ control, facts }: Links, observed: Observed): Passed {
  const { subjects, now, standing, onChange } = observed
  const passed: Passed = { handed: [], crashes: [] }
  const heard: HeardVote[] = []
  const partsOf = (subject: string) => parseSubject(subjects.cluster, subject)

  const subscribe = control.subscribe.bind(control)
  control.subscribe = (subject, callback) => {
    const parts = partsOf(subject)
    if (parts?.kind !== 'node') return subscribe(subject, callback)
    return subscribe(subject, (message) => {
      const now = standing()
      if (now.state !== 'active' || now.generation !== parts.generation) {
        passed.handed.push({ subject: message.subject, generation: parts.generation, standing: now })
        onChange()
      }
      callback(message)
    })
  }

  const request = control.request.bind(control)
  // Few probes ask about somebody, and their frames say so by the name of the field: all others go straight through, and
  // what was sent before without it is as it was.
  let plain: Uint8Array | undefined
  control.request = (subject, data, deadlineMs) => {
    if (data !== plain && bufferOf(data).includes('about')) return requestAbout(subject, data, deadlineMs)
    plain = data
    return request(subject, data, deadlineMs)
  }
  const requestAbout: typeof control.request = async (subject, data, deadlineMs) => {
    const parts = partsOf(subject)
    const isProbe = parts?.kind === 'node' && parts.operation === 'probe'
    const about = isProbe ? probeMessage.decode(data).about : undefined
    const askedAtMs = now()
    const outcome = await request(subject, data, deadlineMs)
    if (about !== undefined && isProbe && outcome.kind === 'reply') {
      const { state, health, suspected = false } = probeAnswer.decode(outcome.data)
      const vote = { voter: parts.node, generation: parts.generation, suspected, state, health, askedAtMs }
      heard.push({ ...vote, about: `${about.node}.${about.generation}` })
      if (heard.length > heardMax) heard.shift()
    }
    return outcome
  }

  const create = facts.create.bind(facts)
  facts.create = (subject, data) => {
    const parts = partsOf(subject)
    if (parts?.kind === 'fact' && parts.phase === 'departed') {
      const { kind, evidence } = departedFact.decode(data)
      if (kind === 'crashed') {
        const about = `${parts.node}.${parts.generation}`
        passed.crashes.push({
          ...{ subject: parts.node, generation: parts.generation, votes: evidence?.votes ?? [] },
          ...{ standing: standing(), atMs: now(), heard: heard.filter((vote) => vote.about === about) },
        })
        onChange()
      }
    }
    return create(subject, data)
  }
  return passed
}
