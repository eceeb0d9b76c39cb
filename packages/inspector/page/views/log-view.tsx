import { Button, NativeSelect, Slider } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'
import {
  addPage,
  type LogPages,
  needsReading,
  pageOf,
  pageSize,
  rowAt,
  rowText,
  startOf,
  unreadLog,
} from '../model/log-pages.js'
import { bytesText, countText } from '../model/words.js'
import { useAsked, usePage, useTools } from '../page-context.js'
import { Lines } from '../parts/lines.js'
import { Problem, RefusalNote } from '../parts/problem.js'
import { goTo } from '../route.js'
import { FoldedDetail } from './folded-detail.js'

const endAgainMs = 1_000
const settleMs = 150

/** Reads pages as they come into sight, and the end again and again. */
function useLog(shard: number) {
  const { connection } = useTools()
  const [log, setLog] = useState<LogPages>(unreadLog)
  const asking = useRef(new Set<number>())
  // The question about the end is asked again and again by the same function, which would go on seeing the first log.
  const last = useRef(1)
  const end = useAsked(`log ${shard}`, endAgainMs, async (line) => {
    const page = pageOf(last.current)
    const answer = await line.ask({ type: 'log.page', shard, from: startOf(page), count: pageSize })
    last.current = Math.max(1, answer.last)
    setLog((before) => addPage(before, page, answer))
    return answer
  })
  const read = (page: number): void => {
    // All lines in sight ask for the page that they are on, in the same moment.
    if (asking.current.has(page) || !needsReading(log, page)) return
    asking.current.add(page)
    connection
      .ask({ type: 'log.page', shard, from: startOf(page), count: pageSize })
      .then((answer) => setLog((before) => addPage(before, page, answer)))
      // Who asks for the end says why there is no answer; the lines in sight ask again.
      .catch(() => undefined)
      .finally(() => asking.current.delete(page))
  }
  return { log, read, refusal: end.refusal }
}

/** The value a moment after it stopped changing: a slider on its way asks for nothing. */
function useSettled<Value>(value: Value): Value {
  const { clock } = useTools()
  const [settled, setSettled] = useState(value)
  useEffect(() => clock.after(settleMs, () => setSettled(value)), [clock, value])
  return settled
}

interface Place {
  readonly log: LogPages
  readonly sequence: number
  readonly onGo: (sequence: number | undefined) => void
}

const Rail = ({ log: { first, last }, sequence, onGo }: Place) => (
  <div className="bar">
    <Button
      size="compact-xs"
      variant="default"
      aria-label="Message before"
      disabled={sequence <= first}
      onClick={() => onGo(sequence - 1)}
    >
      ‹
    </Button>
    <Slider
      style={{ flex: 1, minWidth: 120 }}
      size="sm"
      label={null}
      thumbLabel="Sequence"
      min={Math.min(first, last)}
      max={Math.max(first, last, 1)}
      value={sequence}
      onChange={(value) => onGo(value)}
    />
    <Button
      size="compact-xs"
      variant="default"
      aria-label="Message after"
      disabled={sequence >= last}
      onClick={() => onGo(sequence + 1)}
    >
      ›
    </Button>
    <span className="mono" data-sequence>
      {countText(sequence)} of {countText(last)}
    </span>
    <Button size="compact-xs" variant="default" onClick={() => onGo(undefined)}>
      Follow
    </Button>
  </div>
)

function Messages({ log, sequence, onGo, read }: Place & { readonly read: (page: number) => void }) {
  const count = log.last === 0 ? 0 : log.last - log.first + 1
  // The newest message stands at the top.
  const at = (index: number): number => log.last - index
  return (
    <Lines
      label="Messages"
      count={count}
      chosen={count === 0 ? -1 : log.last - sequence}
      keyOf={(index) => String(at(index))}
      onChoose={(index) => onGo(at(index))}
    >
      {(index) => <MessageLine log={log} sequence={at(index)} read={read} />}
    </Lines>
  )
}

function MessageLine({
  log,
  sequence,
  read,
}: {
  readonly log: LogPages
  readonly sequence: number
  readonly read: (page: number) => void
}) {
  const row = rowAt(log, sequence)
  useEffect(() => {
    if (row === undefined) read(pageOf(sequence))
  })
  return (
    <>
      <span className="mono soft" style={{ minWidth: 52 }}>
        {sequence}
      </span>
      <span className={row?.events.length === 0 && row.kind === 'batch' ? 'cut faint' : 'cut'}>
        {row === undefined ? '…' : rowText(row)}
      </span>
      <span className="push faint mono">{row === undefined ? '' : bytesText(row.bytes)}</span>
    </>
  )
}

function ShardLog({ shard, shards }: { readonly shard: number; readonly shards: readonly number[] }) {
  const { log, read, refusal } = useLog(shard)
  const [chosen, setChosen] = useState<number>()
  const sequence = Math.max(Math.min(chosen ?? log.last, log.last), Math.min(log.first, log.last))
  const place = { log, sequence, onGo: setChosen }
  const settled = useSettled(sequence)
  return (
    <div className="split">
      <div className="side">
        <div className="bar">
          <NativeSelect
            size="xs"
            aria-label="Shard"
            value={String(shard)}
            data={shards.map((each) => ({ value: String(each), label: `shard ${each}` }))}
            onChange={({ currentTarget }) => goTo('log', currentTarget.value)}
          />
          <span className="soft push">
            {log.last === 0 ? 'empty' : `${countText(log.first)} to ${countText(log.last)}`}
          </span>
        </div>
        <RefusalNote refusal={refusal} />
        <Messages {...place} read={read} />
      </div>
      <div style={{ display: 'flex', flexDirection: 'column' }}>
        <Rail {...place} />
        <FoldedDetail shard={shard} sequence={settled} row={rowAt(log, sequence)} />
      </div>
    </div>
  )
}

/** A shard's log and the states that its messages lead to, at any point. */
export function LogView({ chosen }: { readonly chosen: string | undefined }) {
  const status = usePage((state) => state.status)
  const error = usePage((state) => state.error)
  const shards = status?.shards.map(({ shard }) => shard) ?? []
  if (status === null && error !== null) return <Problem report={error} />
  const shard = shards.find((each) => String(each) === chosen) ?? shards[0]
  if (shard === undefined) return <p className="empty">The cluster has not said which shards it has.</p>
  return <ShardLog key={shard} shard={shard} shards={shards} />
}
