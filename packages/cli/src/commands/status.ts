import type { ClusterStatus, NodeView } from 'covey'
import { type ClusterOptions, type DefineCommand, describeClusterCommand } from '../command-host.js'
import { withCluster } from '../session.js'
import { renderTable } from '../table.js'

const sorted = (nodes: readonly NodeView[]): readonly NodeView[] =>
  [...nodes].sort(({ id: left }, { id: right }) => left.localeCompare(right, 'en', { numeric: true }))

/** The document of `covey status --json`. */
function statusDocument({ cluster, broker, nodes, shards, jobs }: ClusterStatus) {
  const { url, version, jetStream } = broker
  return { cluster, broker: { url, version, jetStream }, nodes: sorted(nodes), shards, jobs }
}

/** The same for a person. */
function statusText({ cluster, broker, nodes, shards, jobs }: ClusterStatus): string {
  const nodeRows = sorted(nodes).map(({ id, generation, state, roles, slots, host, pid, since }) => {
    const used = roles.includes('worker') ? `${slots.used}/${slots.total}` : null
    return [id, String(generation), state, roles.join(', '), used, host, String(pid), since]
  })
  const shardRows = shards.map(({ shard, leader, epoch, sequence, backlog }) => [
    String(shard),
    leader,
    String(epoch),
    String(sequence),
    String(backlog),
  ])
  return [
    `cluster ${cluster} at ${broker.url} (nats-server ${broker.version})`,
    '',
    renderTable(['NODE', 'GENERATION', 'STATE', 'ROLES', 'SLOTS', 'HOST', 'PID', 'SINCE'], nodeRows),
    '',
    renderTable(['SHARD', 'LEADER', 'EPOCH', 'SEQUENCE', 'BACKLOG'], shardRows),
    '',
    `jobs: ${Object.entries(jobs)
      .map(([state, count]) => `${count} ${state}`)
      .join(', ')}`,
  ].join('\n')
}

/** `covey status`: the cluster as its leading manager sees it. */
export const defineStatus: DefineCommand = (program, { terminal }) => {
  describeClusterCommand(
    program.command('status'),
    'show the nodes, the shards and the jobs of the cluster',
    'covey status',
    'covey status --json | jq .shards[0].leader',
  ).action((options: ClusterOptions) =>
    withCluster(terminal, options, async ({ client }) => {
      const status = await client.status()
      terminal.print(options.json ? JSON.stringify(statusDocument(status)) : statusText(status))
    }),
  )
}
