import type { MachineDescription } from '@covey/engine'
import * as machines from '@covey/machines'
import { expect } from 'chai'
import { chartSketch } from '../../packages/cli/src/drawing/chart-sketch.js'
import { chartText } from '../../packages/cli/src/drawing/chart-text.js'
import { drawSvg } from '../../packages/cli/src/drawing/svg-drawing.js'
import { callCovey, documentOf } from './calls.js'
import { recordTerminal } from './recorded-terminal.js'

/** A machine with what Covey's own have not: a state in a state, an exit, an `always`. */
const nested: MachineDescription = {
  id: 'm',
  version: undefined,
  nodes: [
    ...[
      ['m', undefined, 'm.a'] as const,
      ['m.a', 'm', 'm.a.b'] as const,
      ['m.a.b', 'm.a', undefined] as const,
    ].map(([id, parent, initial]) => ({
      ...{ id, key: id.split('.').at(-1) ?? '', parent, initial, description: undefined },
      ...{
        type: initial === undefined ? ('final' as const) : ('compound' as const),
        entry: [],
        exit: ['x.end'],
      },
    })),
  ],
  edges: [
    {
      source: 'm.a.b',
      targets: ['m.a'],
      event: '',
      kind: 'always',
      guard: 'is<It>',
      actions: ['x.do', 'y.do'],
    },
  ],
}

describe('covey chart', () => {
  let folder: string
  let remove: () => void
  before(() => {
    ;({ folder, remove } = recordTerminal())
  })
  after(() => remove())
  const call = (...args: string[]) => callCovey(folder, 'chart', ...args)
  const ids = Object.entries(machines)
    .filter(([name]) => name.endsWith('Machine'))
    .map(([name]) => name.replace(/Machine$/, ''))

  it('lists every machine there is where none is named', async () => {
    const listed = await documentOf<{ id: string; states: number }[]>(folder, 'chart')
    expect(listed.map(({ id }) => id)).to.have.members(ids)
    expect(listed.find(({ id }) => id === 'job')?.states).to.equal(5)
    expect((await call()).stdout).to.match(/^MACHINE +VERSION +STATES +TRANSITIONS\nnode /)
  })

  it('names the charts there are where one is asked for that is none', async () => {
    const { code, stdout, stderr } = await call('nosuch')
    expect([code, stdout]).to.deep.equal([2, ''])
    expect(stderr).to.match(
      /^error invalid_options: no machine .*"nosuch"\n→ the machines .* are node, peer, /,
    )
    const { error } = JSON.parse((await call('nosuch', '--json')).stderr) as { error: { code: string } }
    expect(error.code).to.equal('invalid_options')
  })

  for (const id of ids) {
    it(`tells every state and transition of ${id}, as an outline, as a document, and as a drawing`, async () => {
      const machine = await documentOf<MachineDescription>(folder, 'chart', id)
      expect(machine).to.deep.include({ id, version: '1' })
      const [{ stdout: text }, { stdout: svg }] = [await call(id), await call(id, '--svg')]
      for (const { parent, key, description = '' } of machine.nodes.filter(
        (state) => state.parent !== undefined,
      )) {
        expect(text, parent).to.match(new RegExp(`^ *${key}( \\(|$)`, 'm'))
        expect(text).to.contain(description)
        expect(svg).to.contain(`>${key}</text>`)
      }
      expect(text.match(/^ +(on|after|always) /gm)).to.have.length(machine.edges.length)
      const arrows = new Set(
        machine.edges.flatMap(({ source, targets }) => targets.map((target) => `${source} ${target}`)),
      )
      // One more than the transitions draw: the arrow to where the machine starts.
      expect(svg.match(/class="way"/g)).to.have.length(arrows.size + 1)
      expect(svg).to.match(/^<svg [\s\S]*<\/svg>$/)
    })
  }

  it('tells guards, effects and delays by their names', async () => {
    const { stdout } = await call('peer')
    expect(stdout).to.contain('    on votes.counted [isVoted]  → suspect\n')
    expect(stdout).to.contain('    after suspicionMs [mayPropose]  → suspect  do departure.propose\n')
    expect(stdout).to.contain('in any state\n  on joined.heard')
  })

  it('sets a state below the one around it, and tells exits and what needs no event', () => {
    expect(chartText(nested).split('\n')).to.deep.equal([
      ...['m', '', '  a (start)', '    exit  do x.end', '', '    b (start, final)', '      exit  do x.end'],
      '      always [is<It>]  → a  do x.do, y.do',
    ])
  })

  it('draws nested states, and writes no name as markup', async () => {
    const svg = await drawSvg(chartSketch(nested))
    expect(svg).to.contain('always [is&lt;It&gt;]').and.to.not.contain('<It>')
    expect(svg).to.match(/<g class="state"[^>]*><rect class="box inner"[\s\S]*<g class="final"/)
  })

  it('ends with 2 for a machine that there is not, naming those that there are, and for two formats at once', async () => {
    const { code, stderr } = await call('bogus')
    expect(code).to.equal(2)
    expect(stderr).to.contain(ids.at(-1))
    expect((await call('peer', '--svg', '--json')).code).to.equal(2)
  })
})
