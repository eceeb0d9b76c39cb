import type {
  Environment,
  ManagerPart,
  MemberState,
  Members,
  Membership,
  MembershipOptions,
  WorkerPart,
} from '@covey/actors'
import type { ConnectionReading, MeasuredNode, MetricsEndpoint, NodeReading } from '@covey/metrics'
import type { ConnectionReport } from '@covey/protocol'
import type { Bus, Stop } from '@covey/transport'
import type { MembershipMeter } from './membership-meter.js'
import type { NoticeCounts } from './notice-counts.js'

/** What a node is measured by: its parts, as they are. */
export interface MeasuredParts {
  readonly env: Environment
  readonly about: Pick<MembershipOptions, 'nodeId' | 'roles' | 'version'>
  /** The present run; another one after a rejoin. */
  readonly membership: () => Membership
  readonly connections: () => ConnectionReport
  readonly counts: NoticeCounts
  readonly meter: MembershipMeter
  readonly manager: ManagerPart | undefined
  readonly worker: WorkerPart | undefined
}

/** Shows a node to whoever asks its endpoint. All that is kept for it is how often its connections came up again. */
export function showNode(endpoint: MetricsEndpoint, parts: MeasuredParts): Stop {
  const { env, about, membership, connections: report } = parts
  const { control, data } = env.links
  const connections = [watchConnection('control', control), watchConnection('data', data)]
  const node: MeasuredNode = {
    name: about.nodeId,
    cluster: env.subjects.cluster,
    version: about.version,
    roles: about.roles,
    connections: report,
    read: () =>
      readNode(
        parts,
        membership(),
        connections.map(({ read }) => read()),
      ),
  }
  endpoint.show(node)
  return () => {
    for (const { stop } of connections) stop()
  }
}

interface WatchedConnection {
  read(): ConnectionReading
  readonly stop: Stop
}

function watchConnection(connection: ConnectionReading['connection'], bus: Bus): WatchedConnection {
  let reconnects = 0
  let wasDown = bus.state === 'down'
  const stop = bus.onNews((news) => {
    if (news.kind !== 'state') return
    if (news.state === 'up' && wasDown) reconnects += 1
    wasDown = news.state === 'down'
  })
  return { read: () => ({ connection, isUp: bus.state === 'up', reconnects }), stop }
}

function readNode(
  { env: { system }, about, counts, meter, manager, worker }: MeasuredParts,
  membership: Membership,
  connections: readonly ConnectionReading[],
): NodeReading {
  // Of one that is over there is no actor any more, and its state says enough.
  const chart = system.snapshot(membership.address) as
    | { readonly context?: { readonly wasActive?: boolean } }
    | undefined
  return {
    state: membership.state(),
    wasActive: chart?.context?.wasActive ?? false,
    generation: membership.members.find(about.nodeId)?.generation ?? 0,
    connections,
    members: membersByState(membership.members),
    busyMembers: membership.members.all().filter(({ busy }) => busy === true).length,
    localHealth: membership.localHealth,
    membership: meter.read(),
    actors: system.addresses().length,
    deadLetters: system.deadLetters,
    notices: counts.all(),
    refusedFrames: counts.refusedFrames(),
    ...(worker && { worker: worker.view() }),
    ...(manager && { level: manager.level(), breakers: manager.breakers() }),
    shards: manager?.read() ?? [],
  }
}

function membersByState(members: Members): Record<MemberState, number> {
  const counts = {
    ...{ unverified: 0, joining: 0, active: 0, suspect: 0, leaving: 0 },
    ...{ departed: 0, reentering: 0, forgotten: 0, fenced: 0 },
  }
  for (const { state } of members.all()) counts[state] += 1
  return counts
}
