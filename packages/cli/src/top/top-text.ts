import { nodeStateText } from '../node-state.js'
import { type Paint, unpainted } from '../paint.js'
import { type Cell, renderTable } from '../table.js'
import type { ClusterSample, MissedSample, NodeSample } from './cluster-sample.js'

/** An answer that takes longer is worth a look: something holds the event loop of that node. */
const slowMs = 50

const numbersApart = new Intl.Collator('en', { numeric: true })

function answerText(answerMs: number | null, paint: Paint): string {
  if (answerMs === null) return paint.bad('none')
  const text = `${answerMs.toFixed(1)} ms`
  return answerMs > slowMs ? paint.notable(text) : text
}

function nodeRow(node: NodeSample, paint: Paint): Cell[] {
  const { id, generation, roles, slots, answerMs } = node
  const used = roles.includes('worker') ? `${slots.used}/${slots.total}` : null
  const text = answerText(answerMs, paint)
  return [id, String(generation), nodeStateText(node, paint), roles.join(', '), used, text]
}

const rateText = (rate: number | null): string => (rate === null ? '-' : `${rate.toLocaleString('en-US')}/s`)

/** One sample for a person. */
export function topText(sample: ClusterSample | MissedSample, paint: Paint = unpainted): string {
  const time = new Date(sample.time).toLocaleTimeString('en-GB')
  const title = `${paint.strong(`cluster ${sample.cluster}`)}  ${time}  Ctrl-C ends this`
  if ('error' in sample)
    return [title, '', paint.bad(`${sample.error.code}: ${sample.error.message}`)].join('\n')
  const { jobs, slots, backlog, jobsPerSecond, eventsPerSecond, shards, nodes } = sample
  const rows = [...nodes].sort((one, other) => numbersApart.compare(one.id, other.id))
  return [
    title,
    '',
    `jobs     ${jobs.running} running, ${jobs.completed} completed, ${jobs.failed} failed, ${jobs.cancelled} cancelled`,
    `ended    ${rateText(jobsPerSecond)}`,
    `log      ${rateText(eventsPerSecond)}, backlog ${backlog.toLocaleString('en-US')}`,
    `slots    ${slots.used} of ${slots.total} used`,
    `leaders  ${shards.map(({ shard, leader }) => `${shard}: ${leader ?? 'none'}`).join(', ')}`,
    '',
    renderTable(
      ['NODE', 'GENERATION', 'STATE', 'ROLES', 'SLOTS', 'ANSWERS IN'],
      rows.map((node) => nodeRow(node, paint)),
    ),
  ].join('\n')
}
