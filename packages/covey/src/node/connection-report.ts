import type { Channels, ChannelView, ConnectionView, Membership } from '@covey/actors'
import { type ConnectionReport, limits } from '@covey/protocol'
import type { Clock } from '@covey/transport'

/** What the connections of a node are read from. */
export interface ConnectionSources {
  readonly clock: Clock
  /** The wall clock in milliseconds, for people. */
  readonly wallNow: () => number
  /** The present run of the node. */
  readonly membership: Pick<Membership, 'links' | 'sessions'>
  readonly channels: Pick<Channels, 'views'>
}

type ConnectionRow = ConnectionReport['connections'][number]

const numbersApart = new Intl.Collator('en', { numeric: true })

/** The busiest first: those that wait for something are what somebody looks for. */
const busiest = (one: ChannelView, other: ChannelView): number =>
  other.queue + other.unread - (one.queue + one.unread) || one.credit - other.credit

/** All connections of a node as they are now: its links to the broker, then its peers by name. Bounded, to fit one message. */
export function connectionReport({
  clock,
  wallNow,
  membership,
  channels,
}: ConnectionSources): ConnectionReport {
  const { links, sessions } = membership
  const shown = channels.views().toSorted(busiest).slice(0, limits.inspectChannelsMax)
  const row = (kind: ConnectionRow['kind'], { state, sinceMs, context }: ConnectionView): ConnectionRow => ({
    ...{ kind, peer: context.peer, generation: context.generation, state },
    since: new Date(wallNow() - (clock.now() - sinceMs)).toISOString(),
    roundTripMs: context.roundTripMs,
    dials: context.dials,
    lastError: context.lastError.slice(0, limits.reasonTextMax),
    channels: shown
      .filter(({ peer }) => kind === 'session' && peer === context.peer)
      .map(({ name, credit, queue, unread }) => ({ name, credit, queue, unread })),
  })
  const peers = [...sessions.views().values()]
    .map((view) => row('session', view))
    .toSorted((one, other) => numbersApart.compare(one.peer, other.peer))
  const rows = [...[...links.views().values()].map((view) => row('link', view)), ...peers]
  return { connections: rows.slice(0, limits.inspectConnectionsMax), total: rows.length }
}
