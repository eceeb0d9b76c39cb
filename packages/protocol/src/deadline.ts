import { CoveyError } from './errors.js'
import { limits } from './limits.js'

/**
 * Checks how long a caller waits: milliseconds above 0. What is longer than a timer can be counts as `limits.deadlineMsMax`.
 * Throws `invalid_options`.
 */
export function checkedDeadlineMs(deadlineMs: number): number {
  if (Number.isFinite(deadlineMs) && deadlineMs > 0) return Math.min(deadlineMs, limits.deadlineMsMax)
  const shown = String(deadlineMs).slice(0, limits.nameTextMax)
  throw new CoveyError('invalid_options', `deadlineMs is ${shown}: no time to wait`, {
    address: 'deadlineMs',
    mend: 'take milliseconds above 0, or leave it out',
  })
}
