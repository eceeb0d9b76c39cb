import {
  type ConnectionReport,
  CoveyError,
  createSubjects,
  inspectAnswer,
  inspectMessage,
} from '@covey/protocol'
import { type Clock, systemWallClock } from '@covey/transport'
import { ageText } from '../age-text.js'
import { type ClusterOptions, type DefineCommand, describeClusterCommand } from '../command-host.js'
import { listedMembers } from '../listed-members.js'
import { type Paint, paintOfDocument, paintOfState, unpainted } from '../paint.js'
import { type Session, withCluster } from '../session.js'
import { type Cell, renderTable } from '../table.js'

/** The connections of one node; `null` where it does not say. */
export interface NodeConnections {
  readonly node: string
  readonly generation: number
  readonly connections: ConnectionReport['connections'] | null
}

const answerMs = 2_000

/** Asks every node that has not departed, or the one that is named. */
export async function askNodes(
  { client, links }: Pick<Session, 'client' | 'links'>,
  name?: string,
  clock?: Clock,
): Promise<NodeConnections[]> {
  const subjects = createSubjects(client.cluster)
  const members = await listedMembers(client, clock)
  const asked = members.filter(
    ({ nodeId, state }) => state !== 'departed' && (name === undefined || nodeId === name),
  )
  if (name !== undefined && asked.length === 0) {
    throw new CoveyError('not_found', `no node ${name} takes part in the cluster`, {
      address: name,
      mend: 'covey status names those that do',
    })
  }
  const answers = asked.map(async ({ nodeId: node, generation }): Promise<NodeConnections> => {
    const subject = subjects.channel(node, generation, 'inspect')
    const outcome = await links.data.request(
      subject,
      inspectMessage.encode({ type: 'connections' }),
      answerMs,
    )
    if (outcome.kind !== 'reply') return { node, generation, connections: null }
    const answer = inspectAnswer.decode(outcome.data)
    return { node, generation, connections: answer.type === 'connections' ? answer.connections : null }
  })
  return (await Promise.all(answers)).sort((one, other) =>
    one.node.localeCompare(other.node, 'en', { numeric: true }),
  )
}

function rowsOf({ node, connections }: NodeConnections, wallNowMs: number, paint: Paint): Cell[][] {
  if (connections === null) return [[node, null, null, 'does not answer', null, null, null, null, null]]
  return connections.map(
    ({ kind, peer, generation, state, since, roundTripMs, dials, channels, lastError }) => [
      ...[node, kind === 'link' ? `broker (${peer})` : peer, kind === 'link' ? null : String(generation)],
      ...[paintOfState(paint, state), ageText(since, wallNowMs)],
      ...[roundTripMs === null ? null : `${roundTripMs.toFixed(1)} ms`, String(dials)],
      channels.map(({ name, credit, queue, unread }) => `${name} ${credit}/${queue}/${unread}`).join(', ') ||
        null,
      lastError || null,
    ],
  )
}

/** The same for a person: channels are shown as `name credit/queue/unread`. */
export function connectionsText(
  nodes: readonly NodeConnections[],
  wallNowMs: number,
  paint: Paint = unpainted,
  columns?: number,
): string {
  const titles = [
    'NODE',
    'PEER',
    'GENERATION',
    'STATE',
    'SINCE',
    'ROUND TRIP',
    'DIALS',
    'CHANNELS',
    'LAST ERROR',
  ]
  return renderTable(
    titles,
    nodes.flatMap((node) => rowsOf(node, wallNowMs, paint)),
    columns,
  )
}

/** `covey connections`: the links and sessions of all nodes, or of one. */
export const defineConnections: DefineCommand = (program, { terminal }) => {
  describeClusterCommand(
    program.command('connections'),
    'show the connections of nodes, to the broker and to each other, with their channels (credit/queue/unread)',
    'covey connections',
    'covey connections worker-1 --json | jq .[0].connections',
  )
    .argument('[node]', 'name of a node; default: all')
    .action((name: string | undefined, { json, ...options }: ClusterOptions) =>
      withCluster(terminal, options, async (session) => {
        const nodes = await askNodes(session, name)
        terminal.print(
          json
            ? JSON.stringify(nodes)
            : connectionsText(nodes, systemWallClock(), paintOfDocument(terminal), terminal.screen?.columns),
        )
      }),
    )
}
