import type { NodeView } from 'covey'
import { type Paint, paintOfState } from './paint.js'

const breakerTexts = { open: 'breaker open', halfOpen: 'breaker half open' } as const

/**
 * The state of a node for a person: also that it answers beside an event loop that does not turn (K28), and that it is given
 * no work, or a little, since it did not take what it was given (H18).
 */
export function nodeStateText(
  { state, end, busy, breaker }: Pick<NodeView, 'state' | 'end' | 'busy' | 'breaker'>,
  paint: Paint,
): string {
  const shown = paintOfState(paint, end === 'evicted' ? 'evicted' : state)
  const notes = [
    ...(busy === true ? ['busy'] : []),
    ...(breaker === undefined ? [] : [breakerTexts[breaker]]),
  ]
  return [shown, ...notes.map((note) => paint.notable(note))].join(', ')
}
