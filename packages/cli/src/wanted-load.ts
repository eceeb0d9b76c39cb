import { faultOfRate, faultOfThresholds, type RateOperation, rateOperations } from '@covey/machines'
import { CoveyError, limits } from '@covey/protocol'
import type { LoadOptions, RateLimit } from 'covey'
import type { Terminal } from './terminal.js'

const thresholdsName = 'COVEY_LOAD_THRESHOLDS'
const ratesName = 'COVEY_RATE_LIMITS'

const refusal = (name: string, fault: string, mend: string): CoveyError =>
  new CoveyError('invalid_options', `${name}: ${fault}`, { address: name, mend })

function thresholds(text: string): LoadOptions {
  const loadThresholds = text.slice(0, limits.nameTextMax).split(',').map(Number)
  const fault = faultOfThresholds(loadThresholds)
  if (fault === undefined) return { loadThresholds }
  const mend = `write three numbers that ascend, as ${limits.loadThresholds.join(',')}, or leave it out`
  throw refusal(thresholdsName, fault, mend)
}

/** One limit, written `submit=50/100`: so many in a second, and so many at once; or `submit=off`. */
function rate(text: string): readonly [RateOperation, RateLimit | false] {
  const [, name = '', most = '', atOnce] = /^(\w+)=([\d.]+|off)(?:\/(\d+))?$/.exec(text.trim()) ?? []
  const operation = rateOperations.find((known) => known === name)
  const mend = 'write submit=50/100,list=20/40: so many in a second, so many at once; or submit=off'
  if (operation === undefined)
    throw refusal(ratesName, `${JSON.stringify(text)} limits neither ${rateOperations.join(' nor ')}`, mend)
  if (most === 'off') return [operation, false]
  const perSecond = Number(most)
  const burst = atOnce === undefined ? Math.max(1, Math.ceil(perSecond)) : Number(atOnce)
  const fault = faultOfRate({ perSecond, burst })
  if (fault !== undefined) throw refusal(ratesName, `${operation}: ${fault}`, mend)
  return [operation, { perSecond, burst }]
}

const rates = (text: string): LoadOptions => ({
  rateLimits: Object.fromEntries(text.slice(0, limits.nameTextMax).split(',').map(rate)),
})

/**
 * What managers do about load, by the variables `COVEY_LOAD_THRESHOLDS` and `COVEY_RATE_LIMITS`. Throws `invalid_options`,
 * with the values named.
 */
export function wantedLoad({ environment }: Terminal): LoadOptions {
  // A variable that is empty is as good as none.
  const [levels, limited] = [environment[thresholdsName], environment[ratesName]]
  return { ...(levels && thresholds(levels)), ...(limited && rates(limited)) }
}
