import { CoveyError } from '@covey/protocol'
import { expect } from 'chai'
import type { JobDescription } from 'covey'
import { graphSketch, graphText } from '../../packages/cli/src/commands/graph.js'
import { layeredSteps } from '../../packages/cli/src/drawing/job-layers.js'
import { drawSvg } from '../../packages/cli/src/drawing/svg-drawing.js'

function jobOf(steps: Readonly<Record<string, readonly string[] | undefined>>): JobDescription {
  const workflows = Object.entries(steps).map(([step, after]) => ({
    ...{ id: `j/${step}`, name: 'work', state: after?.length === 0 ? 'completed' : 'waiting', attempt: 1 },
    ...{ token: null, node: null, error: null, ...(after === undefined ? {} : { after }) },
  }))
  return { id: 'j', state: 'running', ended: 1, total: workflows.length, workflows }
}

describe('the graph of a job', () => {
  it('sets each step below everything it waits for, and steps of one layer by the numbers in their names', () => {
    const steps = layeredSteps(jobOf({ end: ['b', 's10'], s10: ['a'], b: ['s9'], s9: ['a'], a: [] })) ?? []
    expect(steps.map(({ step, layer }) => [layer, step])).to.deep.equal([
      ...[[1, 'a'] as const, [2, 's9'] as const, [2, 's10'] as const, [3, 'b'] as const, [4, 'end'] as const],
    ])
  })

  it('is there for a chain as long as a job may be', () => {
    const chain = Array.from({ length: 10_000 }, (_, index) => [
      `s${index}`,
      index === 0 ? [] : [`s${index - 1}`],
    ])
    expect(layeredSteps(jobOf(Object.fromEntries(chain)))?.at(-1)).to.include({
      step: 's9999',
      layer: 10_000,
    })
  })

  it('is a table for a person, which shortens what would fill its lines', () => {
    const names = Array.from({ length: 7 }, (_, index) => `s${index}`)
    const roots = Object.fromEntries(names.map((name) => [name, []]))
    const lines = graphText(jobOf({ ...roots, all: names })).split('\n')
    expect(lines.slice(0, 4)).to.deep.equal([
      ...['job j running, 1 of 8 workflows ended', '', 'LAYER  STEP  NAME  STATE      AFTER'],
      '1      s0    work  completed  -',
    ])
    expect(lines.at(-1)).to.equal('2      all   work  waiting    s0, s1, s2, s3, s4 and 2 more')
  })

  it('is a drawing with a box for each step and an arrow for each need', async () => {
    const svg = await drawSvg(graphSketch(jobOf({ a: [], b: ['a'], c: ['a', 'b'] })))
    expect(svg.match(/<g class="(completed|waiting)"/g)).to.have.length(3)
    expect(svg.match(/class="way"/g)).to.have.length(3)
  })

  it('is not drawn where nobody could read it', () => {
    const steps = Array.from({ length: 501 }, (_, index) => [`s${index}`, []])
    expect(() => graphSketch(jobOf(Object.fromEntries(steps))))
      .to.throw(CoveyError, 'has 501 steps')
      .with.property('code', 'invalid_options')
  })

  it('is not guessed where an older leader does not tell it', () => {
    expect(() => graphText(jobOf({ a: undefined }))).to.throw('does not say which steps wait for which')
  })
})
