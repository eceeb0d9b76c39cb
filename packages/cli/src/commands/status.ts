import { systemWallClock } from '@covey/transport'
import type { ClusterStatus, NodeView } from 'covey'
import { distinctUntilChanged, fromEvent, identity, lastValueFrom, takeUntil, tap, timer } from 'rxjs'
import { ageText } from '../age-text.js'
import { type ClusterOptions, type DefineCommand, describeClusterCommand } from '../command-host.js'
import { nodeStateText } from '../node-state.js'
import { type Paint, paintOfDocument, unpainted } from '../paint.js'
import { type Session, withCluster } from '../session.js'
import { type StatusLook, statusLooks } from '../status/status-stream.js'
import { type Cell, renderTable } from '../table.js'
import type { Terminal } from '../terminal.js'
import { openLiveScreen } from '../top/live-screen.js'

const sorted = (nodes: readonly NodeView[]): readonly NodeView[] =>
  [...nodes].sort(({ id: left }, { id: right }) => left.localeCompare(right, 'en', { numeric: true }))

interface StatusOptions extends ClusterOptions {
  readonly all?: boolean
  readonly watch?: boolean
}

/** Between two looks, unless a member changes. */
const lookIntervalMs = 1_000

const isDeparted = ({ state }: NodeView): boolean => state === 'departed'
/** One that must not come back is to be seen: somebody may wonder why it does not. */
const isEvicted = ({ end }: NodeView): boolean => end === 'evicted'
const isHidden = (node: NodeView): boolean => isDeparted(node) && !isEvicted(node)

/** The document of `covey status --json`. */
function statusDocument({ cluster, broker, nodes, shards, jobs }: ClusterStatus) {
  const { url, version, jetStream } = broker
  return { cluster, broker: { url, version, jetStream }, nodes: sorted(nodes), shards, jobs }
}

function nodeRow(node: NodeView, wallNowMs: number, paint: Paint, hasLabels: boolean): Cell[] {
  const { id, generation, roles, slots, host, pid, since, labels = [] } = node
  const used = roles.includes('worker') ? `${slots.used}/${slots.total}` : null
  const age = isDeparted(node) ? null : ageText(since, wallNowMs)
  const row = [
    id,
    String(generation),
    nodeStateText(node, paint),
    roles.join(', '),
    used,
    host,
    String(pid),
    age,
  ]
  return hasLabels ? [...row, labels.join(', ') || null] : row
}

/** How loaded the leader of a shard is, and how many commands it has refused since their client came too often. */
function loadText(level: string | null, limited: number | undefined, paint: Paint): Cell {
  const shown = level === null || level === 'calm' ? level : paint.bad(level)
  return limited === undefined ? shown : `${shown ?? ''} ${limited} over their rate`.trim()
}

/** The same for a person, who has no use for nodes that are gone unless there is something to look for. */
export function statusText(
  status: ClusterStatus,
  all: boolean,
  wallNowMs: number,
  paint: Paint = unpainted,
): string {
  const { cluster, broker, nodes, shards, jobs } = status
  const shown = sorted(nodes).filter((node) => all || !isHidden(node))
  const hasLabels = shown.some(({ labels = [] }) => labels.length > 0)
  const titles = ['NODE', 'GENERATION', 'STATE', 'ROLES', 'SLOTS', 'HOST', 'PID', 'AGE']
  const shardRows = shards.map(({ shard, leader, epoch, sequence, backlog, level = null, limited }) => [
    String(shard),
    leader,
    String(epoch),
    String(sequence),
    String(backlog),
    loadText(level, limited, paint),
  ])
  return [
    `cluster ${cluster} at ${broker.url} (nats-server ${broker.version})`,
    '',
    renderTable(
      hasLabels ? [...titles, 'LABELS'] : titles,
      shown.map((node) => nodeRow(node, wallNowMs, paint, hasLabels)),
    ),
    '',
    renderTable(['SHARD', 'LEADER', 'EPOCH', 'SEQUENCE', 'BACKLOG', 'LOAD'], shardRows),
    '',
    `jobs: ${Object.entries(jobs)
      .map(([state, count]) => `${count} ${state}`)
      .join(', ')}`,
  ].join('\n')
}

/** Whether two looks show the same: the log of an idle cluster grows too. */
function isSame(one: StatusLook, other: StatusLook): boolean {
  const [before, after] = [one, other].map((look) =>
    'status' in look
      ? { ...statusDocument(look.status), shards: look.status.shards.map(({ sequence: _, ...rest }) => rest) }
      : look,
  )
  return JSON.stringify(before) === JSON.stringify(after)
}

function lookText(look: StatusLook, all: boolean, paint: Paint): string {
  if ('status' in look) return statusText(look.status, all, systemWallClock(), paint)
  return `cluster ${look.cluster}\n\n${paint.bad(`${look.error.code}: ${look.error.message}`)}`
}

/** Shows the cluster whenever it has changed, until it is over; on a screen also as time passes. */
async function watch(
  terminal: Terminal,
  { client }: Session,
  { all = false, json = false }: StatusOptions,
  over: AbortSignal,
): Promise<void> {
  const paint = paintOfDocument(terminal)
  const screen = json ? undefined : openLiveScreen(terminal)
  const isDrawn = screen !== undefined && terminal.screen !== undefined
  over.addEventListener('abort', () => screen?.close(), { once: true })
  const show = (look: StatusLook): void => {
    if (screen !== undefined) screen.show(lookText(look, all, paint))
    else terminal.print(JSON.stringify('status' in look ? statusDocument(look.status) : look))
  }
  const looks$ = statusLooks(client, timer(0, lookIntervalMs)).pipe(
    isDrawn ? identity : distinctUntilChanged(isSame),
    tap(show),
    takeUntil(fromEvent(over, 'abort')),
  )
  await lastValueFrom(looks$, { defaultValue: undefined })
}

async function printStatus(
  terminal: Terminal,
  { client }: Session,
  { all = false, json = false }: StatusOptions,
): Promise<void> {
  const status = await client.status()
  if (json) {
    terminal.print(JSON.stringify(statusDocument(status)))
    return
  }
  terminal.print(statusText(status, all, systemWallClock(), paintOfDocument(terminal)))
  const hidden = all ? 0 : status.nodes.filter(isHidden).length
  if (hidden > 0) terminal.say(`nodes that have departed: ${hidden}; see covey status --all`)
}

/** `covey status`: the cluster as its leading manager sees it. */
export const defineStatus: DefineCommand = (program, { terminal }) => {
  describeClusterCommand(
    program.command('status'),
    'show the nodes, the shards and the jobs of the cluster',
    'covey status',
    'covey status --watch',
    'covey status --json | jq .shards[0].leader',
  )
    .option('--all', 'also nodes that have departed, for a day; --json has them always')
    .option('--watch', 'show it again whenever it changes, until Ctrl-C')
    .action(async (options: StatusOptions) => {
      const over = new AbortController()
      try {
        await withCluster(terminal, options, (session) =>
          options.watch
            ? watch(terminal, session, options, over.signal)
            : printStatus(terminal, session, options),
        )
      } finally {
        over.abort()
      }
    })
}
