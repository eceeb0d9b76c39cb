import { CoveyError, commandsMessage, createSubjects } from '@covey/protocol'
import { type Clock, delay, type Links, systemClock } from '@covey/transport'
import type { Client } from 'covey'
import { firstValueFrom, of, timeout } from 'rxjs'
import type { ClusterAddress } from './address.js'
import { namesText } from './names-text.js'

/** What is needed to see whether anybody is there. */
export interface Presence {
  readonly client: Pick<Client, 'cluster' | 'members$'>
  readonly links: Pick<Links, 'control'>
  readonly address: Pick<ClusterAddress, 'url'>
  /** Tells a person why nothing happens. */
  readonly say: (line: string) => void
  readonly clock?: Clock
}

const answerMs = 1_000
const intervalMs = 250
const patienceMs = 1_000
const membersMs = 1_000

/** Whether a manager listens: the broker itself says so when nobody does. A leader that changes is silent, and is there. */
async function isHeard({ client, links, clock = systemClock }: Presence): Promise<boolean> {
  const subject = createSubjects(client.cluster).command(0)
  const frame = commandsMessage.encode({ client: 'presence', commands: [{ type: 'status.get', number: 1 }] })
  const untilMs = clock.now() + patienceMs
  for (;;) {
    const { kind } = await links.control.request(subject, frame, answerMs)
    if (kind !== 'noResponders') return true
    if (clock.now() >= untilMs) return false
    await delay(clock, intervalMs)
  }
}

/** The nodes that have not departed, as the facts say. A cluster that never was has none, and nobody to say so. */
async function livingNodes({ client }: Presence): Promise<readonly string[]> {
  const members$ = client.members$.pipe(timeout({ first: membersMs, with: () => of([]) }))
  const members = await firstValueFrom(members$, { defaultValue: [] })
  return members.filter(({ state }) => state !== 'departed').map(({ nodeId }) => nodeId)
}

const forever = new Promise<never>(() => undefined)

/**
 * Rejects `no_leader` after a few seconds in which the broker answers and no node of the cluster does; never resolves.
 * Where its nodes are only away, as the facts say, it tells so and leaves the waiting to the command's own deadline.
 */
export async function unlessNobody(presence: Presence): Promise<never> {
  const { address, client, say } = presence
  if (await isHeard(presence)) return forever
  const nodes = await livingNodes(presence)
  if (nodes.length > 0) {
    say(`no manager of cluster ${client.cluster} answers; waiting, since it has ${namesText(nodes)}`)
    return forever
  }
  throw new CoveyError(
    'no_leader',
    `the broker at ${address.url} answers, but no node of cluster ${client.cluster} does`,
    {
      address: address.url,
      mend: 'is it the right name (--cluster) and the right broker (--server)? covey up starts a cluster',
    },
  )
}
