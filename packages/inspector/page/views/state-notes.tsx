import type { EdgeDescription, MachineDescription } from '@covey/engine'
import { edgeText, innerEdges } from '../model/chart-graph.js'

const keyOf = (chart: MachineDescription, id: string): string =>
  chart.nodes.find((node) => node.id === id)?.key ?? id

const Edges = ({
  title,
  edges,
  chart,
}: {
  readonly title: string
  readonly edges: readonly EdgeDescription[]
  readonly chart: MachineDescription
}) =>
  edges.length === 0 ? null : (
    <div>
      <h3 className="soft">{title}</h3>
      <ul className="edges">
        {edges.map((edge, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: equal transitions differ by their order only
          <li key={index}>
            <span>{edgeText(edge)}</span>
            {edge.targets.length > 0 && (
              <span className="soft">→ {edge.targets.map((target) => keyOf(chart, target)).join(', ')}</span>
            )}
            {edge.actions.length > 0 && <span className="faint">/ {edge.actions.join(', ')}</span>}
          </li>
        ))}
      </ul>
    </div>
  )

/** What the chart says of one state: why it is there, what leads out of it, and what it does without leaving. */
export function StateNotes({ chart, state }: { readonly chart: MachineDescription; readonly state: string }) {
  const root = chart.nodes.find(({ parent }) => parent === undefined)
  const node = chart.nodes.find(({ id }) => id === state) ?? root
  if (node === undefined) return null
  const leaving = chart.edges.filter(({ source, targets }) => source === node.id && targets.length > 0)
  const hasNotes = [node.entry, node.exit, leaving, innerEdges(chart, node.id)].some(
    ({ length }) => length > 0,
  )
  return (
    <section className="sheet" aria-label={`State ${node.key}`}>
      <header>
        <h2 className="mono">{node === root ? 'any state' : node.key}</h2>
        <span className="soft">{node.description}</span>
      </header>
      <div className="about" hidden={!hasNotes}>
        {node.entry.length > 0 && <p className="mono soft">entry / {node.entry.join(', ')}</p>}
        {node.exit.length > 0 && <p className="mono soft">exit / {node.exit.join(', ')}</p>}
        <div className="facts">
          <Edges title="Leads to" edges={leaving} chart={chart} />
          <Edges title="Stays" edges={innerEdges(chart, node.id)} chart={chart} />
        </div>
      </div>
    </section>
  )
}
