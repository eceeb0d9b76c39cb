import { TextInput } from '@mantine/core'
import { useMemo, useState } from 'react'
import { countText } from '../model/words.js'
import { usePage } from '../page-context.js'

/** What every node counts, one line a counter; what is zero everywhere is left out. */
export function CountersTable() {
  const nodes = usePage(({ counters }) => counters)
  const [filter, setFilter] = useState('')
  const names = useMemo(
    () =>
      [...new Set(nodes.flatMap(({ counters }) => Object.keys(counters)))]
        .filter((name) => nodes.some(({ counters }) => (counters[name] ?? 0) !== 0))
        .sort(),
    [nodes],
  )
  if (nodes.length === 0) return null
  const shown = names.filter((name) => name.toLowerCase().includes(filter.toLowerCase()))
  return (
    <section className="sheet" aria-label="Counters">
      <header>
        <h2>Counters</h2>
        <span className="soft">{names.length === 0 ? 'all are zero' : ''}</span>
        <TextInput
          className="push"
          size="xs"
          placeholder="Filter counters"
          aria-label="Filter counters"
          value={filter}
          onChange={({ currentTarget }) => setFilter(currentTarget.value)}
        />
      </header>
      <div className="scroll">
        <table>
          <thead>
            <tr>
              <th>Counter</th>
              {nodes.map(({ node, generation }) => (
                <th className="right" key={`${node}/${generation}`}>
                  {node}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((name) => (
              <tr key={name}>
                <th scope="row" className="mono">
                  {name}
                </th>
                {nodes.map(({ node, generation, counters }) => (
                  <td className="right" key={`${node}/${generation}`}>
                    {counters[name] === undefined ? (
                      <span className="faint">–</span>
                    ) : (
                      countText(counters[name])
                    )}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}
