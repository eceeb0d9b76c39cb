import { differenceOf, type SessionTerms } from '@covey/machines'
import {
  detectionOf,
  helloMessage,
  limits,
  profiles,
  type RefusalMessage,
  sessionDoor,
} from '@covey/protocol'
import type { Environment } from '../environment.js'
import { readPayload } from '../membership/frame-door.js'
import type { Target } from '../membership/probe.js'
import { settingsOf } from './terms.js'

type Settings = Readonly<Record<string, number>>

/** A hello that opens no session: who joins is no member yet, so it is refused, by its settings first. */
const sessionOfNobody = 'join'

const profileOf = (settings: Settings): string | undefined =>
  profiles.find((profile) =>
    Object.entries(detectionOf[profile]).every(([name, value]) => settings[name] === value),
  )

/** How two nodes differ in the settings that both know of: another version may have others beside them. */
function differenceAt({ nodeId }: Target, own: Settings, theirs: Settings): string | undefined {
  const known = Object.keys(own).filter((name) => name in theirs)
  const only = (settings: Settings): Settings =>
    Object.fromEntries(
      known.flatMap((name) => (settings[name] === undefined ? [] : [[name, settings[name]]])),
    )
  const difference = differenceOf(only(own), only(theirs))
  if (difference === undefined) return undefined
  const [here, there] = [profileOf(own), profileOf(theirs)]
  const areNamed = here !== undefined && there !== undefined && here !== there
  const named = areNamed ? `the profile is ${here} here and ${there} there; ` : ''
  return `at ${nodeId}, ${named}${difference}`
}

/** Who leaves has no say in what is to come, and who refuses for something else has not looked at the settings. */
const hasCompared = ({ reason, settings }: RefusalMessage): boolean =>
  reason !== 'leaving' && (reason !== 'incompatible' || settings !== undefined)

/** Who asks whom, and when it stops. */
interface SettingsQuestion {
  readonly env: Environment
  readonly self: Target
  readonly terms: SessionTerms
  readonly peers: readonly Target[]
  /** Whether a peer was found not to answer probes either. */
  isSilent(nodeId: string): boolean
  readonly signal: AbortSignal
}

/** The answer of a peer. One that answers probes and not this is busy, or has lost a message: it is asked again. */
async function answerOf(
  { env, isSilent, signal }: SettingsQuestion,
  { nodeId, generation }: Target,
  frame: Uint8Array,
): Promise<RefusalMessage | undefined> {
  const { links, subjects, timings } = env
  const subject = subjects.node(nodeId, generation, 'session')
  for (let asked = 0; asked < limits.settingsAsksMax && !signal.aborted; asked += 1) {
    const outcome = await links.control.request(subject, frame, timings.probeTimeoutMs)
    if (outcome.kind === 'reply') {
      const answer = readPayload(env, subject, outcome, sessionDoor)
      return answer?.kind === 'session.refused' ? answer.body : undefined
    }
    if (outcome.kind !== 'timeout' || isSilent(nodeId)) return undefined
  }
  return undefined
}

/** What some peers have said to the settings of this node. */
export interface SettingsWord {
  /** How many have answered, and how many of them have looked at the settings. */
  readonly answered: number
  readonly compared: number
  /** Where more of those have others than have these: at which of them, which setting, and both values. */
  readonly objection?: string | undefined
}

/** Asks active peers whether they have the settings of this node (S3). */
export async function compareSettings(question: SettingsQuestion): Promise<SettingsWord> {
  const { env, self, peers } = question
  const { version, capabilities, configuration } = question.terms
  const frame = helloMessage.encode({
    ...{ from: self.nodeId, generation: self.generation, session: sessionOfNobody },
    ...{ version, capabilities: [...capabilities], configuration },
  })
  const all = await Promise.all(
    peers.map(async (peer) => ({ peer, answer: await answerOf(question, peer, frame) })),
  )
  const answers = all.flatMap(({ peer, answer }) => (answer === undefined ? [] : [{ peer, answer }]))
  const compared = answers.filter(({ answer }) => hasCompared(answer))
  const differences = compared.flatMap(({ peer, answer: { settings } }) => {
    const difference = settings && differenceAt(peer, settingsOf(env.timings), settings)
    return difference ?? []
  })
  return {
    answered: answers.length,
    compared: compared.length,
    objection: 2 * differences.length > compared.length ? differences[0] : undefined,
  }
}
