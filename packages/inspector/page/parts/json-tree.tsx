import { useMemo, useState } from 'react'
import { type JsonRow, jsonRows, jsonRowsMax } from '../model/json-rows.js'

const indent = 14

const twistOf = ({ type, open }: JsonRow): string => {
  if (type !== 'branch') return '  '
  return open ? '▾ ' : '▸ '
}

const RowText = (row: JsonRow) => (
  <>
    <span className="twist">{twistOf(row)}</span>
    <span className="name">{row.label}</span> <span data-type={row.type}>{row.text}</span>
  </>
)

/** A value as a tree that opens and closes; always text, whatever the value holds. */
export function JsonTree({ value, label }: { readonly value: unknown; readonly label: string }) {
  const [toggled, setToggled] = useState<ReadonlySet<string>>(new Set())
  const rows = useMemo(() => jsonRows(value, toggled), [value, toggled])
  const toggle = (path: string): void =>
    setToggled((before) => {
      const next = new Set(before)
      if (!next.delete(path)) next.add(path)
      return next
    })
  return (
    <section className="tree" aria-label={label}>
      {rows.slice(0, jsonRowsMax).map((row) =>
        row.type === 'branch' ? (
          <button
            type="button"
            key={row.path}
            aria-expanded={row.open}
            style={{ paddingLeft: row.depth * indent }}
            onClick={() => toggle(row.path)}
          >
            <RowText {...row} />
          </button>
        ) : (
          <span className="leaf" key={row.path} style={{ paddingLeft: row.depth * indent }}>
            <RowText {...row} />
          </span>
        ),
      )}
      {rows.length > jsonRowsMax && (
        <p className="faint">More than {jsonRowsMax} lines: the rest is not shown.</p>
      )}
    </section>
  )
}
