import { refuseDefinition } from './refuse-definition.js'

const unitsMs = { ms: 1, s: 1_000, min: 60_000, h: 3_600_000, d: 86_400_000 } as const

type Unit = keyof typeof unitsMs

/** A duration: a number of milliseconds, or a text such as `'250 ms'`, `'30s'`, `'5 min'`, `'1 h'` or `'2d'`. */
export type Duration = number | `${number}${'' | ' '}${Unit}`

const pattern = /^(\d+(?:\.\d+)?) ?(ms|s|min|h|d)$/

/** Reads a duration into milliseconds. Throws `invalid_definition` naming the field. */
export function durationMs(field: string, duration: Duration): number {
  if (typeof duration === 'number' && Number.isFinite(duration) && duration >= 0) return duration
  const [, amount, unit] = pattern.exec(String(duration)) ?? []
  if (typeof duration === 'string' && amount !== undefined && unit !== undefined) {
    return Number(amount) * unitsMs[unit as Unit]
  }
  return refuseDefinition(
    field,
    `${JSON.stringify(duration)} is not a duration`,
    "write milliseconds as a number, or a text such as '250 ms', '30 s', '5 min', '1 h'",
  )
}
