import { useMemo, useState } from 'react'
import { indexOfRow, type Openness, type TreeRow, treeRows } from '../model/actor-tree.js'
import { countText, stayText } from '../model/words.js'
import { useNow, usePage } from '../page-context.js'
import { FilterField } from '../parts/filter-field.js'
import { Lines } from '../parts/lines.js'
import { StateShares, StateWord } from '../parts/state-word.js'
import { goTo } from '../route.js'
import { ActorDetailView } from './actor-detail-view.js'

/** One state as its word; several as a bar, whose words are behind it. */
function GroupStates({ states }: { readonly states: Extract<TreeRow, { type: 'group' }>['states'] }) {
  const [first] = states
  if (first === undefined) return null
  return states.length === 1 ? (
    <StateWord state={first[0]} />
  ) : (
    <div style={{ width: 120 }}>
      <StateShares counts={states} />
    </div>
  )
}

const GroupLine = ({ row }: { readonly row: Extract<TreeRow, { type: 'group' }> }) => (
  <>
    <span className="twist" aria-hidden="true">
      {row.open ? '▼' : '▶'}
    </span>
    <span className="cut">{row.label}</span>
    <span className="faint">{countText(row.count)}</span>
    <span className="push">
      <GroupStates states={row.states} />
    </span>
  </>
)

const ActorLine = ({
  row,
  now,
}: {
  readonly row: Extract<TreeRow, { type: 'actor' }>['row']
  readonly now: number
}) => (
  <>
    <span className="cut mono" title={row.key}>
      {row.actor}
    </span>
    <span className="row push">
      <StateWord state={row.state} kind={row.kind} />
      <span className="faint">{stayText(row, now)}</span>
    </span>
  </>
)

const attributesOf = (row: TreeRow | undefined) => ({
  'data-level': row?.type === 'group' ? row.level : 3,
  'aria-level': row?.type === 'group' ? row.level : 3,
  'aria-expanded': row?.type === 'group' ? row.open : undefined,
  'data-key': row?.id,
})

function ActorTree({ filter, chosen }: { readonly filter: string; readonly chosen: string | undefined }) {
  const actors = usePage((state) => state.actors)
  const keys = usePage((state) => state.actorKeys)
  const now = useNow()
  const [openness, setOpenness] = useState<Openness>(new Map())
  const [group, setGroup] = useState<string>()
  const rows = useMemo(() => treeRows(actors, keys, filter, openness), [actors, keys, filter, openness])
  const open = (index: number, wanted: boolean): void => {
    const row = rows[index]
    if (row?.type === 'group') setOpenness((before) => new Map(before).set(row.id, wanted))
  }
  const choose = (index: number): void => {
    const row = rows[index]
    if (row?.type === 'actor') {
      setGroup(undefined)
      goTo('actors', row.id)
    } else setGroup(row?.id)
  }
  const found = rows.reduce((sum, row) => sum + (row.type === 'group' && row.level === 1 ? row.count : 0), 0)
  return (
    <>
      <p className="note" role="status" style={{ margin: 0 }}>
        {filter === ''
          ? `${countText(found)} actors`
          : `${countText(found)} of ${countText(keys.length)} actors`}
      </p>
      <Lines
        label="Actors"
        count={rows.length}
        chosen={indexOfRow(rows, group ?? chosen)}
        keyOf={(index) => rows[index]?.id ?? String(index)}
        onChoose={(index) => choose(index)}
        onOpen={open}
        onActivate={(index) => open(index, !isOpen(rows[index]))}
        attributesOf={(index) => attributesOf(rows[index])}
      >
        {(index) => <TreeLine row={rows[index]} now={now} />}
      </Lines>
    </>
  )
}

const isOpen = (row: TreeRow | undefined): boolean => row?.type === 'group' && row.open

const TreeLine = ({ row, now }: { readonly row: TreeRow | undefined; readonly now: number }) => {
  if (row === undefined) return null
  return row.type === 'group' ? <GroupLine row={row} /> : <ActorLine row={row.row} now={now} />
}

/** Every actor of every node as a tree, and the chosen one with its chart. */
export function ActorsView({ chosen }: { readonly chosen: string | undefined }) {
  const [filter, setFilter] = useState('')
  return (
    <div className="split">
      <div className="side">
        <div className="bar">
          <FilterField what="actors" by="node, kind, actor or state" value={filter} onFilter={setFilter} />
        </div>
        <ActorTree filter={filter} chosen={chosen} />
      </div>
      {chosen === undefined ? (
        <p className="empty">Choose an actor to see its chart, its context and what it did last.</p>
      ) : (
        <ActorDetailView key={chosen} actor={chosen} />
      )}
    </div>
  )
}
