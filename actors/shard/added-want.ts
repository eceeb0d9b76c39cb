import type { Want } from '@covey/protocol'

/**
 * Adds what waits in some lanes to a want, up to a number of slots. Lanes of full keys are not among them: slots would not
 * help them.
 * @param unit slots that each of those that wait takes; 0 where it takes none
 */
export function addWaiting(
  want: Want,
  most: number,
  unit: number,
  lanes: Iterable<{ readonly items: { readonly length: number } }>,
): void {
  if (unit === 0) return
  want.unit = Math.max(want.unit, unit)
  for (const { items } of lanes) {
    want.slots = Math.min(most, want.slots + items.length * unit)
    if (want.slots === most) return
  }
}
