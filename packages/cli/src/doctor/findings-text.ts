import { type Paint, paintOfState } from '../paint.js'
import { renderTable } from '../table.js'
import type { Finding } from './finding.js'

/** What is not well, in full: what, where, and what to do. */
function troubleText({ check, state, detail, where, mend }: Finding, paint: Paint): string {
  const lines = [
    `${paintOfState(paint, state)} ${paint.strong(check)}: ${detail}`,
    ...(where === undefined ? [] : [`  at ${where}`]),
    ...(mend === undefined ? [] : [`  → ${mend}`]),
  ]
  return lines.join('\n')
}

/** The findings for a person: a line for each, and below them what is not well. */
export function findingsText(findings: readonly Finding[], paint: Paint, columns?: number): string {
  const rows = findings.map(({ check, state, detail, where }) => {
    const what = (detail.split('\n')[0] ?? '') + (where === undefined ? '' : ` (${where})`)
    return [check, paintOfState(paint, state), what]
  })
  const troubles = findings
    .filter(({ state }) => state !== 'ok')
    .map((finding) => troubleText(finding, paint))
  return [renderTable(['CHECK', 'STATE', 'FOUND'], rows, columns), ...troubles].join('\n\n')
}
