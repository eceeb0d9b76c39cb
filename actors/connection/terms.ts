import { createHash } from 'node:crypto'
import type { SessionTerms } from '@covey/machines'
import { limits, type Timings } from '@covey/protocol'

/** What this version can do in a session, and needs of the other side. */
const capabilities = ['channels.1'] as const

/** The settings that all nodes of a cluster need the same, in an order that does not depend on who wrote them. */
export const settingsOf = (timings: Timings): Record<string, number> =>
  Object.fromEntries(Object.entries(timings).toSorted(([one], [other]) => (one < other ? -1 : 1)))

/** What this node says of itself in a hello. */
export function termsOf(version: string, timings: Timings): SessionTerms {
  const digest = createHash('sha256')
    .update(JSON.stringify(settingsOf(timings)))
    .digest('hex')
  return { version, capabilities, configuration: digest.slice(0, limits.nameTextMax / 4) }
}
