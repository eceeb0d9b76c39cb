import { faultOfThresholds } from '@covey/machines'
import { CoveyError, limits } from '@covey/protocol'
import type { LoadOptions } from 'covey'
import type { Terminal } from './terminal.js'

const name = 'COVEY_LOAD_THRESHOLDS'

/** What managers do about load, by the variable `COVEY_LOAD_THRESHOLDS`. Throws `invalid_options`, with the values named. */
export function wantedLoad({ environment }: Terminal): LoadOptions {
  // A variable that is empty is as good as none.
  const text = environment[name] || undefined
  if (text === undefined) return {}
  const loadThresholds = text.slice(0, limits.nameTextMax).split(',').map(Number)
  const fault = faultOfThresholds(loadThresholds)
  if (fault === undefined) return { loadThresholds }
  throw new CoveyError('invalid_options', `${name}: ${fault}`, {
    address: name,
    mend: `write three numbers that ascend, as ${limits.loadThresholds.join(',')}, or leave it out`,
  })
}
