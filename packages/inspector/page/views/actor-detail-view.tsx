import { useState } from 'react'
import type { ActorDetail, TransitionRow } from '../../src/page-protocol.js'
import { eventText } from '../model/chart-graph.js'
import { durationText, placeText, stayText, timeText } from '../model/words.js'
import { useAsked, useNow, usePage } from '../page-context.js'
import { JsonTree } from '../parts/json-tree.js'
import { RefusalNote } from '../parts/problem.js'
import { StateWord } from '../parts/state-word.js'
import { ChartDrawing } from './chart-drawing.js'
import { StateNotes } from './state-notes.js'

const askAgainMs = 1_000

const Timers = ({ timers }: { readonly timers: ActorDetail['timers'] }) => (
  <section className="sheet" aria-label="Timers">
    <header>
      <h2>Timers</h2>
    </header>
    {timers.length === 0 ? (
      <p className="about soft">None runs.</p>
    ) : (
      <table>
        <tbody>
          {timers.map(({ event, dueInMs }) => (
            <tr key={`${event} ${dueInMs}`}>
              <td className="mono">{eventText(event)}</td>
              <td className="right">in {durationText(dueInMs)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    )}
  </section>
)

const LastTransitions = ({ last }: { readonly last: readonly TransitionRow[] }) => (
  <section className="sheet" aria-label="Last transitions">
    <header>
      <h2>Last transitions</h2>
    </header>
    {last.length === 0 ? (
      <p className="about soft">None since the inspector watches.</p>
    ) : (
      <div className="scroll">
        <table>
          <tbody>
            {last.map(({ number, heardAtMs, kind, from, event, to, at, elapsedMs }) => (
              <tr key={number}>
                <td className="mono soft">{timeText(heardAtMs)}</td>
                <td>
                  {from === '' ? (
                    <span className="faint">begins</span>
                  ) : (
                    <StateWord state={from} kind={kind} />
                  )}
                </td>
                <td className="mono">{event}</td>
                <td>
                  {to === '' ? <span className="faint">ends</span> : <StateWord state={to} kind={kind} />}
                </td>
                <td className="right soft">{durationText(elapsedMs)}</td>
                <td className="right mono faint">{placeText(at)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    )}
  </section>
)

const Context = ({ context }: { readonly context: unknown }) => (
  <section className="sheet" aria-label="Context">
    <header>
      <h2>Context</h2>
    </header>
    {context === null ? (
      <p className="about soft">Its node has not said.</p>
    ) : (
      <JsonTree value={context} label="Context" />
    )}
  </section>
)

/** One actor: its chart with the live state, its context, its timers and what it did last. */
export function ActorDetailView({ actor }: { readonly actor: string }) {
  const now = useNow()
  const live = usePage(({ actors }) => actors.get(actor))
  const charts = usePage((state) => state.charts)
  const [noted, setNoted] = useState<string>()
  const { answer, refusal } = useAsked(actor, askAgainMs, (connection) =>
    connection.ask({ type: 'actor.get', key: actor }),
  )
  const row = live ?? answer?.row
  if (row === undefined) {
    return (
      <div className="detail">
        <RefusalNote refusal={refusal} />
        {refusal === undefined && <p className="empty">There is no actor of this name now.</p>}
      </div>
    )
  }
  const chart = charts.get(row.kind)
  return (
    <div className="detail">
      <div className="row">
        <h1 className="mono cut">{row.key}</h1>
        <span className="tag">{row.kind}</span>
        <StateWord state={row.state} kind={row.kind} />
        <span className="soft">{live === undefined ? 'has ended' : `for ${stayText(row, now)}`}</span>
      </div>
      {chart !== undefined && (
        <>
          <ChartDrawing chart={chart} state={row.state} noted={noted} onNote={setNoted} />
          <StateNotes chart={chart} state={noted ?? `${chart.id}.${row.state.split('|', 1)[0]}`} />
        </>
      )}
      <RefusalNote refusal={refusal} />
      {answer !== undefined && (
        <>
          <div className="facts">
            <Context context={answer.context} />
            <Timers timers={answer.timers} />
          </div>
          <LastTransitions last={answer.last} />
        </>
      )}
    </div>
  )
}
