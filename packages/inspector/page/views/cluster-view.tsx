import { Switch } from '@mantine/core'
import type { ClusterStatus, NodeView } from 'covey'
import { useMemo, useState } from 'react'
import { agoText, countText } from '../model/words.js'
import { useNow, usePage } from '../page-context.js'
import { ConfirmedButton } from '../parts/confirmed-button.js'
import { Problem } from '../parts/problem.js'
import { StateWord } from '../parts/state-word.js'
import { routeHash } from '../route.js'
import { CountersTable } from './counters-table.js'

const slotsDrawnMax = 16
const goodbyeReasons = ['maintenance', 'cluster_rebalance', 'manual_removal', 'graceful_shutdown']
const collator = new Intl.Collator('en', { numeric: true })

const Tile = ({
  name,
  value,
  more,
}: {
  readonly name: string
  readonly value: number
  readonly more?: string
}) => (
  <div className="tile">
    <dt>{name}</dt>
    <dd>
      {countText(value)} {more !== undefined && <small>{more}</small>}
    </dd>
  </div>
)

function Tiles({ status }: { readonly status: ClusterStatus }) {
  const { nodes, shards, jobs } = status
  const actors = usePage(({ actors: all }) => all.size)
  const living = nodes.filter(({ state }) => state !== 'departed' && state !== 'failed')
  const slots = living.reduce((sum, node) => sum + node.slots.total, 0)
  const used = living.reduce((sum, node) => sum + node.slots.used, 0)
  return (
    <dl className="tiles">
      <Tile
        name="Nodes active"
        value={living.filter(({ state }) => state === 'active').length}
        more={`of ${living.length}`}
      />
      <Tile name="Slots in use" value={used} more={`of ${countText(slots)}`} />
      <Tile name="Jobs running" value={jobs.running} />
      <Tile name="Completed" value={jobs.completed} />
      <Tile name="Failed" value={jobs.failed} />
      <Tile name="Cancelled" value={jobs.cancelled} />
      <Tile name="Backlog" value={shards.reduce((sum, { backlog }) => sum + backlog, 0)} />
      <Tile name="Actors" value={actors} />
    </dl>
  )
}

const Slots = ({ roles, slots: { total, used } }: NodeView) => {
  if (!roles.includes('worker')) return <span className="faint">–</span>
  return (
    <span className="row">
      {total <= slotsDrawnMax && (
        <span className="meter" aria-hidden="true">
          {Array.from({ length: total }, (_, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a slot is nothing but its place in the row
            <i key={index} data-used={index < used} />
          ))}
        </span>
      )}
      {used}/{total}
    </span>
  )
}

const NodeActions = ({ node }: { readonly node: NodeView }) => (
  <ConfirmedButton
    label="Leave (drains first)"
    title={`Let ${node.id} leave?`}
    text="The node takes nothing new. What runs may finish within its time to leave; what does not is handed back and runs elsewhere. Then it says goodbye and its process ends."
    reason="maintenance"
    reasons={goodbyeReasons}
    act={(connection, reason) =>
      connection.ask({ type: 'node.leave', node: node.id, generation: node.generation, reason })
    }
  />
)

function NodeLine({ node, leads }: { readonly node: NodeView; readonly leads: readonly number[] }) {
  const now = useNow()
  const mayOperate = usePage((state) => state.mayOperate)
  return (
    <tr data-node={node.id}>
      <th scope="row" className="mono">
        {node.id}
      </th>
      <td className="right mono">{node.generation}</td>
      <td>
        <StateWord state={node.state} />
      </td>
      <td>
        <span className="row">
          {node.roles.map((role) => (
            <span className="tag" key={role}>
              {role}
            </span>
          ))}
          {leads.map((shard) => (
            <span className="tag leads" key={shard}>
              leads shard {shard}
            </span>
          ))}
        </span>
      </td>
      <td>
        <Slots {...node} />
      </td>
      <td className="mono soft">
        {node.host}:{node.pid}
      </td>
      <td className="right soft" title={node.since}>
        {agoText(Date.parse(node.since), now)}
      </td>
      <td>{mayOperate && node.state === 'active' && <NodeActions node={node} />}</td>
    </tr>
  )
}

function NodesTable({ status: { nodes, shards } }: { readonly status: ClusterStatus }) {
  const [all, setAll] = useState(false)
  const gone = nodes.filter(({ state }) => state === 'departed').length
  const shown = useMemo(
    () =>
      nodes
        .filter(({ state }) => all || state !== 'departed')
        .sort((one, other) => collator.compare(one.id, other.id)),
    [nodes, all],
  )
  return (
    <section className="sheet" aria-label="Nodes">
      <header>
        <h2>Nodes</h2>
        {gone > 0 && (
          <Switch
            className="push"
            size="xs"
            label={`${gone} departed`}
            checked={all}
            onChange={({ currentTarget }) => setAll(currentTarget.checked)}
          />
        )}
      </header>
      <div className="scroll">
        <table>
          <thead>
            <tr>
              <th>Node</th>
              <th className="right">Generation</th>
              <th>State</th>
              <th>Roles</th>
              <th>Slots</th>
              <th>Process</th>
              <th className="right">Since</th>
              <th>
                <span className="off-screen">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {shown.map((node) => (
              <NodeLine
                key={`${node.id}/${node.generation}`}
                node={node}
                leads={shards.filter(({ leader }) => leader === node.id).map(({ shard }) => shard)}
              />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}

const ShardsTable = ({ shards }: { readonly shards: ClusterStatus['shards'] }) => (
  <section className="sheet" aria-label="Shards">
    <header>
      <h2>Shards</h2>
    </header>
    <table>
      <thead>
        <tr>
          <th>Shard</th>
          <th>Leader</th>
          <th className="right">Epoch</th>
          <th className="right">Sequence</th>
          <th className="right">Backlog</th>
        </tr>
      </thead>
      <tbody>
        {shards.map(({ shard, leader, epoch, sequence, backlog }) => (
          <tr key={shard}>
            <th scope="row">
              <a href={routeHash('log', String(shard))}>shard {shard}</a>
            </th>
            <td className="mono">{leader ?? <span className="faint">nobody leads</span>}</td>
            <td className="right">{countText(epoch)}</td>
            <td className="right">{countText(sequence)}</td>
            <td className="right">{countText(backlog)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  </section>
)

/** The cluster: its nodes, who leads what, and what everybody counts. */
export function ClusterView() {
  const status = usePage((state) => state.status)
  const error = usePage((state) => state.error)
  return (
    <div className="view">
      {error !== null && <Problem report={error} />}
      {status === null && error === null && (
        <p className="empty">Waiting for the first word of the cluster.</p>
      )}
      {status !== null && (
        <>
          <Tiles status={status} />
          <NodesTable status={status} />
          <ShardsTable shards={status.shards} />
        </>
      )}
      <CountersTable />
    </div>
  )
}
