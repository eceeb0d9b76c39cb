import { Button, NativeSelect } from '@mantine/core'
import { useHotkeys } from '@mantine/hooks'
import { useMemo, useState } from 'react'
import type { TransitionRow } from '../../src/page-protocol.js'
import {
  everything,
  nodesOf,
  pause,
  resume,
  step,
  type Timeline,
  type TimelineFilter,
  visibleRows,
  waitingRows,
} from '../model/timeline.js'
import { countText, durationText, placeText, timeText } from '../model/words.js'
import { usePage, useTools } from '../page-context.js'
import { FilterField } from '../parts/filter-field.js'
import { Lines } from '../parts/lines.js'
import { StateWord } from '../parts/state-word.js'
import { goTo } from '../route.js'

const columns = '96px minmax(180px, 2.2fr) 90px 110px minmax(140px, 1.4fr) 110px 70px 90px'

const TransitionLine = ({
  heardAtMs,
  key,
  kind,
  from,
  event,
  to,
  at,
  elapsedMs,
}: Omit<TransitionRow, 'number'>) => (
  <div className="columns mono" style={{ '--columns': columns, width: '100%' }}>
    <span className="soft">{timeText(heardAtMs)}</span>
    <span title={key}>{key}</span>
    <span className="soft">{kind}</span>
    {from === '' ? <span className="faint">begins</span> : <StateWord state={from} kind={kind} />}
    <span title={event}>{event}</span>
    {to === '' ? <span className="faint">ends</span> : <StateWord state={to} kind={kind} />}
    <span className="right soft">{durationText(elapsedMs)}</span>
    <span className="right faint">{placeText(at)}</span>
  </div>
)

const GapLine = ({ sinceMs, untilMs }: { readonly sinceMs: number; readonly untilMs: number }) => (
  <div className="mono soft" style={{ width: '100%' }}>
    nobody watched from {timeText(sinceMs)} to {timeText(untilMs)}: what moved then is not here
  </div>
)

const Heads = () => (
  <div className="columns heads" style={{ '--columns': columns }}>
    <span>Heard at</span>
    <span>Actor</span>
    <span>Kind</span>
    <span>From</span>
    <span>Event</span>
    <span>To</span>
    <span className="right">After</span>
    <span className="right">Place</span>
  </div>
)

/** The store's part that the timeline has to itself, and what changes it. */
function useTimeline(filter: TimelineFilter) {
  const { store } = useTools()
  const timeline = usePage((state) => state.timeline)
  const change = (next: (before: Timeline) => Timeline): void =>
    store.update((state) => ({ ...state, timeline: next(state.timeline) }))
  return {
    timeline,
    toggle: () => change((before) => (before.pausedAt === null ? pause(before) : resume(before))),
    further: () => change((before) => step(before, filter, 1)),
    back: () => change((before) => step(before, filter, -1)),
  }
}

function Note({
  timeline,
  shown,
  waiting,
}: {
  readonly timeline: Timeline
  readonly shown: number
  readonly waiting: number
}) {
  const isSampled = timeline.seen > timeline.shown
  return (
    <p className="note" role="status" style={{ margin: 0 }}>
      {countText(shown)} listed · shown {countText(timeline.shown)} of {countText(timeline.seen)}
      {isSampled && ' (sampled: there are more a second than a page can hold)'}
      {timeline.pausedAt !== null && ` · paused, ${countText(waiting)} wait`}
    </p>
  )
}

/** What happened, newest first: filtered, paused, and one step at a time. */
export function TimelineView() {
  const [filter, setFilter] = useState(everything)
  const { timeline, toggle, further, back } = useTimeline(filter)
  const charts = usePage((state) => state.charts)
  const rows = useMemo(() => visibleRows(timeline, filter), [timeline, filter])
  const waiting = useMemo(() => waitingRows(timeline, filter), [timeline, filter])
  const nodes = useMemo(() => nodesOf(timeline), [timeline])
  useHotkeys([
    ['p', toggle],
    ['.', further],
    [',', back],
  ])
  const isPaused = timeline.pausedAt !== null
  return (
    <>
      <div className="bar">
        <FilterField
          what="transitions"
          by="actor, event or state"
          width={260}
          value={filter.text}
          onFilter={(text) => setFilter({ ...filter, text })}
        />
        <NativeSelect
          size="xs"
          aria-label="Kind"
          value={filter.kind}
          data={[{ value: '', label: 'All kinds' }, ...[...charts.keys()].sort()]}
          onChange={({ currentTarget }) => setFilter({ ...filter, kind: currentTarget.value })}
        />
        <NativeSelect
          size="xs"
          aria-label="Node"
          value={filter.node}
          data={[{ value: '', label: 'All nodes' }, ...nodes]}
          onChange={({ currentTarget }) => setFilter({ ...filter, node: currentTarget.value })}
        />
        <span className="row push">
          <Button
            size="compact-xs"
            variant={isPaused ? 'filled' : 'default'}
            onClick={toggle}
            aria-pressed={isPaused}
          >
            {isPaused ? 'Resume' : 'Pause'}
          </Button>
          <Button size="compact-xs" variant="default" onClick={back} disabled={!isPaused}>
            Step back
          </Button>
          <Button size="compact-xs" variant="default" onClick={further} disabled={!isPaused || waiting === 0}>
            Step
          </Button>
        </span>
      </div>
      <Note timeline={timeline} shown={rows.length} waiting={waiting} />
      <Heads />
      <Lines
        label="Transitions"
        count={rows.length}
        chosen={-1}
        keyOf={(index) => String(rows[index]?.number ?? index)}
        onChoose={() => undefined}
        onActivate={(index) => {
          const row = rows[index]
          if (row?.unwatchedSinceMs === undefined) goTo('actors', row?.key)
        }}
      >
        {(index) => {
          const row = rows[index]
          if (row === undefined) return null
          const { unwatchedSinceMs, heardAtMs } = row
          if (unwatchedSinceMs !== undefined)
            return GapLine({ sinceMs: unwatchedSinceMs, untilMs: heardAtMs })
          return TransitionLine(row)
        }}
      </Lines>
    </>
  )
}
