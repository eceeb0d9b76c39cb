import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, type ReactNode, useEffect, useRef } from 'react'

const lineHeight = 25
const beyond = 12

/** A list of any length of which only what is in sight is there. */
export interface LinesProps {
  readonly label: string
  readonly count: number
  /** Index of the chosen line, -1 where none is. */
  readonly chosen: number
  readonly keyOf: (index: number) => string
  readonly children: (index: number) => ReactNode
  readonly onChoose: (index: number) => void
  /** Arrow right (`true`) and left (`false`) on the chosen line. */
  readonly onOpen?: (index: number, open: boolean) => void
  /** A click on a line, or Enter on the chosen one, beside choosing it. */
  readonly onActivate?: (index: number) => void
  readonly attributesOf?: (index: number) => Readonly<Record<string, string | number | boolean | undefined>>
}

const moves: Readonly<Record<string, (chosen: number, count: number) => number>> = {
  ArrowDown: (chosen, count) => Math.min(count - 1, chosen + 1),
  ArrowUp: (chosen) => Math.max(0, chosen - 1),
  PageDown: (chosen, count) => Math.min(count - 1, chosen + 20),
  PageUp: (chosen) => Math.max(0, chosen - 20),
  Home: () => 0,
  End: (_, count) => count - 1,
}

/** The list: one stop for the Tab key, arrows inside it. */
export function Lines(props: LinesProps) {
  const {
    label,
    count,
    chosen,

    keyOf,
    children,
    onChoose,
    onOpen,
    onActivate,
    attributesOf,
  } = props
  const box = useRef<HTMLDivElement>(null)
  const { getVirtualItems, getTotalSize, scrollToIndex } = useVirtualizer({
    count,
    getScrollElement: () => box.current,
    estimateSize: () => lineHeight,
    getItemKey: keyOf,
    overscan: beyond,
  })
  useEffect(() => {
    if (chosen >= 0) scrollToIndex(chosen, { align: 'auto' })
  }, [chosen, scrollToIndex])
  const onKeyDown = (event: KeyboardEvent): void => {
    const move = moves[event.key]
    if (event.key === 'Enter' && chosen >= 0) onActivate?.(chosen)
    const opens = event.key === 'ArrowRight' || event.key === 'ArrowLeft'
    if (move === undefined && !(opens && onOpen !== undefined)) return
    event.preventDefault()
    if (move !== undefined && count > 0) onChoose(move(chosen, count))
    else if (chosen >= 0) onOpen?.(chosen, event.key === 'ArrowRight')
  }
  return (
    <div
      ref={box}
      className="list"
      role="tree"
      aria-label={label}
      tabIndex={0}
      onKeyDown={onKeyDown}
      aria-activedescendant={chosen >= 0 ? `${label} ${keyOf(chosen)}` : undefined}
    >
      <div className="lines" role="presentation" style={{ height: getTotalSize() }}>
        {getVirtualItems().map(({ index, key, start }) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the list around it takes the keys
          <div
            key={String(key)}
            id={`${label} ${key}`}
            className="line"
            role="treeitem"
            tabIndex={-1}
            aria-selected={index === chosen}
            aria-posinset={index + 1}
            aria-setsize={count}
            data-pick={index === chosen}
            style={{ height: lineHeight, transform: `translateY(${start}px)` }}
            onClick={() => {
              onChoose(index)
              onActivate?.(index)
            }}
            {...attributesOf?.(index)}
          >
            {children(index)}
          </div>
        ))}
      </div>
    </div>
  )
}
