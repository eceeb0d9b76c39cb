import { CoveyError } from '@covey/protocol'
import { Option } from 'commander'
import type { JobDescription } from 'covey'
import { type ClusterOptions, type DefineCommand, describeClusterCommand } from '../command-host.js'
import { type LayeredStep, layeredSteps } from '../drawing/job-layers.js'
import { drawSvg, type Sketch } from '../drawing/svg-drawing.js'
import { namesText } from '../names-text.js'
import { type Paint, paintOfDocument, paintOfState, unpainted } from '../paint.js'
import { withCluster } from '../session.js'
import { renderTable } from '../table.js'
import { refuseWorkflow } from './job.js'

interface GraphOptions extends ClusterOptions {
  readonly svg?: boolean
}

/** Steps that are drawn: nobody reads a drawing of more, and to lay it out would take minutes. */
const stepsDrawnMax = 500

function stepsOf(job: JobDescription): readonly LayeredStep[] {
  const steps = layeredSteps(job)
  if (steps !== undefined) return steps
  throw new CoveyError('unavailable', 'the leader does not say which steps wait for which', {
    address: job.id,
    mend: `it is of an older version: update the managers; covey job ${job.id} shows the steps meanwhile`,
  })
}

/** The graph for a person: a line for each step, below those that it waits for. */
export function graphText(job: JobDescription, paint: Paint = unpainted, columns?: number): string {
  const rows = stepsOf(job).map(({ step, name, state, layer, after }) => [
    ...[String(layer), step, name, paintOfState(paint, state)],
    after.length === 0 ? null : namesText(after),
  ])
  return [
    `job ${job.id} ${paintOfState(paint, job.state)}, ${job.ended} of ${job.total} workflows ended`,
    '',
    renderTable(['LAYER', 'STEP', 'NAME', 'STATE', 'AFTER'], rows, columns),
  ].join('\n')
}

/** The graph as boxes and arrows. Throws `invalid_options` for a job with too many steps to be drawn. */
export function graphSketch(job: JobDescription): Sketch {
  if (job.total > stepsDrawnMax) {
    throw new CoveyError(
      'invalid_options',
      `job ${job.id} has ${job.total} steps, a drawing at most ${stepsDrawnMax}`,
      { address: '--svg', mend: `covey graph ${job.id} lists them by layer` },
    )
  }
  const steps = stepsOf(job)
  return {
    title: job.id,
    direction: 'RIGHT',
    boxes: steps.map(({ step, name, state }) => ({
      ...{ id: step, lines: [step, state], look: state, about: `${name} ${state}` },
    })),
    arrows: steps.flatMap(({ step, after }) =>
      after.map((before) => ({ source: before, target: step, lines: [] })),
    ),
  }
}

/** `covey graph`: what waits for what in a job. */
export const defineGraph: DefineCommand = (program, { terminal }) => {
  describeClusterCommand(
    program.command('graph'),
    'draw which steps of a job wait for which, with their states',
    'covey graph nightly-2026-01-31',
    'covey graph nightly-2026-01-31 --svg > nightly.svg',
  )
    .argument('<id>', 'id of the job')
    .addOption(new Option('--svg', 'write an SVG drawing instead of a table').conflicts('json'))
    .action((id: string, { json, svg, ...options }: GraphOptions) => {
      refuseWorkflow(id)
      return withCluster(terminal, options, async ({ client }) => {
        const job = await client.job(id)
        if (json) terminal.print(JSON.stringify({ id: job.id, state: job.state, steps: stepsOf(job) }))
        else
          terminal.print(
            svg
              ? await drawSvg(graphSketch(job))
              : graphText(job, paintOfDocument(terminal), terminal.screen?.columns),
          )
      })
    })
}
