import type { Experiment, Measure } from './experiment.js'
import { type Figure, isMet } from './figure.js'
import type { Measured, MeasuredExperiment, MeasuredTraffic } from './measured.js'

const line = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`

const seconds = (ms: number | null): string =>
  ms === null ? 'never' : `${(ms / 1_000).toFixed(ms < 100 ? 3 : 2)} s`

const targetOf = ({ unit, targets, nodeSecondsMin }: Measure): string => {
  const texts = targets.map(({ statistic, max }) =>
    unit === 'ms' ? `${statistic} ≤ ${max / 1_000} s` : `${max}`,
  )
  const among = nodeSecondsMin === undefined ? '' : ` in ${nodeSecondsMin.toLocaleString('en')} node-seconds`
  return `${texts.join(', ')}${among}`
}

const cellsOf = ({ unit }: Measure, { p50, p99, worst, worstSeed, sum, nodeSeconds }: Figure): string[] => {
  if (unit === 'ms') return [seconds(p50), seconds(p99), `${seconds(worst)} (seed ${worstSeed})`]
  return ['', '', `${sum ?? 'countless'} in ${Math.round(nodeSeconds).toLocaleString('en')} node-seconds`]
}

/** A target is reached over as many nodes, seeds and node-seconds as it is about; with fewer it is only not missed yet. */
function verdictOf(
  { nodes, seeds }: Experiment,
  measure: Measure,
  measured: MeasuredExperiment,
  figure: Figure,
): string {
  if (!isMet(figure, measure)) return '**missed**'
  const isWhole =
    measured.nodes >= nodes && figure.seeds >= seeds && figure.nodeSeconds >= (measure.nodeSecondsMin ?? 0)
  return isWhole ? 'reached' : `reached so far; wanted are ${nodes} nodes, ${seeds} seeds`
}

function rowsOf(experiment: Experiment, measured: MeasuredExperiment): string[] {
  return experiment.measures.flatMap((measure) => {
    const figure = measured.figures[measure.name]
    if (figure === undefined) return []
    const verdict = verdictOf(experiment, measure, measured, figure)
    const { nodes, commit } = measured
    return [
      line([
        measure.what,
        nodes,
        targetOf(measure),
        ...cellsOf(measure, figure),
        figure.seeds,
        verdict,
        commit,
      ]),
    ]
  })
}

const trafficRow = ({ nodes, commit, traffic }: MeasuredTraffic): string =>
  line([
    nodes,
    traffic.sentMessages.toFixed(1),
    traffic.receivedMessages.toFixed(1),
    Math.round(traffic.bytes),
    commit,
  ])

/** The tables of `docs/membership.md`: only what has been measured is in them. */
export function figuresSection(
  experiments: readonly Experiment[],
  { experiments: by, traffic }: Measured,
): string {
  const rows = experiments.flatMap((experiment) => {
    const measured = by[experiment.name]
    return measured === undefined ? [] : rowsOf(experiment, measured)
  })
  return [
    line(['what', 'nodes', 'target', 'p50', 'p99', 'worst', 'seeds', '', 'commit']),
    line(['---', '---:', '---', '---:', '---:', '---:', '---:', '---', '---']),
    ...rows,
    '',
    'A cluster in which nothing happens, per node and second:',
    '',
    line(['nodes', 'messages sent', 'messages received', 'bytes sent and received', 'commit']),
    line(['---:', '---:', '---:', '---:', '---']),
    ...traffic.toSorted((one, other) => one.nodes - other.nodes).map(trafficRow),
  ].join('\n')
}
