import { useMemo, useState } from 'react'
import type { Answers, LetterRow } from '../../src/page-protocol.js'
import { agoText, countText, filterWords, hasWords, timeText } from '../model/words.js'
import { useAsked, useNow } from '../page-context.js'
import { FilterField } from '../parts/filter-field.js'
import { Lines } from '../parts/lines.js'
import { RefusalNote } from '../parts/problem.js'
import { goTo } from '../route.js'

/** The server learns of new ones every two seconds. */
const askAgainMs = 2_000
const columns = '96px 56px 130px minmax(180px, 2fr) minmax(160px, 1.6fr) minmax(220px, 2fr)'

/** What each reason means; one of a newer version is shown as it is. */
const meanings: Readonly<Record<string, string>> = {
  unknown: 'nobody lives there',
  stopped: 'it had ended before',
  restarting: 'it had failed, and waited for its restart',
  overflow: 'the queue of its node was full',
}

const keyOf = ({ node, generation, number }: LetterRow): string => `${node}/${generation}/${number}`

const LetterLine = ({ letter, now }: { readonly letter: LetterRow; readonly now: number }) => {
  const { atMs, node, generation, actor, event, reason } = letter
  const meaning = meanings[reason]
  return (
    <div className="columns mono" style={{ '--columns': columns, width: '100%' }}>
      <span className="soft">{timeText(atMs)}</span>
      <span className="right faint">{agoText(atMs, now)}</span>
      <span>
        {node}/{generation}
      </span>
      <span title={actor}>{actor}</span>
      <span title={event}>{event}</span>
      <span className="soft">{meaning === undefined ? reason : `${reason}: ${meaning}`}</span>
    </div>
  )
}

const Heads = () => (
  <div className="columns heads" style={{ '--columns': columns }}>
    <span>At</span>
    <span className="right">Ago</span>
    <span>Node</span>
    <span>For</span>
    <span>Event</span>
    <span>Why it reached nobody</span>
  </div>
)

const noteText = (listed: number, { rows, total }: Answers['letters.list']): string =>
  total === 0
    ? 'Every event has reached its actor so far'
    : `${countText(listed)} listed · ${countText(rows.length)} kept of ${countText(total)} that reached no actor`

/** The events that reached no actor: the last ones of every node, by type, and why. */
export function LettersView({ chosen }: { readonly chosen: string | undefined }) {
  const [filter, setFilter] = useState('')
  const now = useNow()
  const { answer, refusal } = useAsked('letters', askAgainMs, (connection) =>
    connection.ask({ type: 'letters.list' }),
  )
  const shown = useMemo(() => {
    const words = filterWords(filter)
    return (answer?.rows ?? []).filter((letter) =>
      hasWords(`${letter.node} ${letter.actor} ${letter.event} ${letter.reason}`, words),
    )
  }, [answer, filter])
  return (
    <>
      <div className="bar">
        <FilterField
          what="dead letters"
          by="node, actor, event or reason"
          width={320}
          value={filter}
          onFilter={setFilter}
        />
      </div>
      <p className="note" role="status" style={{ margin: 0 }}>
        {answer !== undefined && noteText(shown.length, answer)}
      </p>
      <RefusalNote refusal={refusal} />
      <Heads />
      <Lines
        label="Dead letters"
        count={shown.length}
        chosen={shown.findIndex((letter) => keyOf(letter) === chosen)}
        keyOf={(index) => {
          const letter = shown[index]
          return letter === undefined ? String(index) : keyOf(letter)
        }}
        onChoose={(index) => {
          const letter = shown[index]
          if (letter !== undefined) goTo('letters', keyOf(letter))
        }}
      >
        {(index) => {
          const letter = shown[index]
          return letter === undefined ? null : <LetterLine letter={letter} now={now} />
        }}
      </Lines>
    </>
  )
}
