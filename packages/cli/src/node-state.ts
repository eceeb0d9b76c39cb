import type { NodeView } from 'covey'
import { type Paint, paintOfState } from './paint.js'

/** The state of a node for a person: also that it answers beside an event loop that does not turn (K28). */
export function nodeStateText(
  { state, end, busy }: Pick<NodeView, 'state' | 'end' | 'busy'>,
  paint: Paint,
): string {
  const shown = paintOfState(paint, end === 'evicted' ? 'evicted' : state)
  return busy === true ? `${shown}, ${paint.notable('busy')}` : shown
}
