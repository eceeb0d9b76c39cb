import { toneOf } from '../model/state-tone.js'

/** A state as a word in its colour, which depends for some words on whose state it is. */
export const StateWord = ({ state, kind }: { readonly state: string; readonly kind?: string }) => (
  <span className="state" data-tone={toneOf(state, kind)}>
    {state}
  </span>
)

/** How a total is shared among states, as one thin bar with its words for those who cannot see it. */
export function StateShares({ counts }: { readonly counts: readonly (readonly [string, number])[] }) {
  const total = counts.reduce((sum, [, count]) => sum + count, 0)
  const words = counts.map(([state, count]) => `${count} ${state}`).join(', ')
  return (
    <div className="shares" role="img" aria-label={words} title={words}>
      {counts.map(([state, count]) => (
        <i key={state} data-tone={toneOf(state)} style={{ width: `${(count / total) * 100}%` }} />
      ))}
    </div>
  )
}
