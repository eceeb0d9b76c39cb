import { describeMachine, type MachineDescription } from '@covey/engine'
import * as machines from '@covey/machines'
import { expect } from 'chai'
import {
  chartGraph,
  chartLayout,
  edgeText,
  innerEdges,
  labelLinesMax,
  liveStates,
} from '../../packages/inspector/page/model/chart-graph.js'

const charts: readonly MachineDescription[] = Object.values(machines).flatMap((machine) =>
  typeof machine === 'object' && 'states' in machine ? [describeMachine(machine)] : [],
)

describe('charts as they are drawn', () => {
  for (const chart of charts) {
    it(`${chart.id} has every state and every transition, in an arrow or beside the drawing`, () => {
      const { states, arrows } = chartGraph(chart)
      expect(states.length).to.equal(chart.nodes.length - 1)
      const drawn = arrows.flatMap(({ edges }) => edges)
      const inner = chart.nodes.flatMap(({ id }) => innerEdges(chart, id))
      expect([...new Set([...drawn, ...inner])]).to.have.members([...chart.edges])
    })

    it(`${chart.id} asks the layout only about boxes that are there`, () => {
      const { children = [], edges = [] } = chartLayout(chart, chartGraph(chart))
      const ids = new Set(children.map(({ id }) => id))
      const ends = edges.flatMap(({ sources, targets }) => [...sources, ...targets])
      expect(ends.filter((id) => !ids.has(id))).to.deep.equal([])
    })
  }

  it('say delays and guards as a person does', () => {
    const edge = { source: 'a', targets: [], actions: [], kind: 'after', guard: 'isNewcomer' } as const
    expect(edgeText({ ...edge, event: 'xstate.after.joinDeadlineMs.node.dialing' })).to.equal(
      'after joinDeadlineMs [isNewcomer]',
    )
    expect(edgeText({ ...edge, event: '', guard: undefined })).to.equal('always')
  })

  it('count in the last line of a label what does not fit', () => {
    const [chart] = charts.filter(({ id }) => id === 'workflow')
    const long = chartGraph(chart as MachineDescription).arrows.filter(
      ({ edges }) => edges.length > labelLinesMax,
    )
    expect(long).not.to.be.empty
    for (const { lines, edges } of long) {
      expect(lines.length).to.be.at.most(labelLinesMax)
      const texts = new Set(edges.map(edgeText)).size
      if (texts > labelLinesMax) expect(lines.at(-1)).to.equal(`and ${texts - labelLinesMax + 1} more`)
    }
  })

  it('light every state that a nested or parallel state text names', () => {
    expect([...liveStates('m', 'a.b|c')]).to.deep.equal(['m.a', 'm.a.b', 'm.c'])
  })
})
