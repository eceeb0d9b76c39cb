const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
] as const

/** How long ago something was, in its largest unit; `-` for what is no time. Another machine's clock may run ahead. */
export function ageText(since: string, wallNowMs: number): string {
  const ageMs = Math.max(0, wallNowMs - Date.parse(since))
  const [unit, unitMs] = units.find(([, ms]) => ageMs >= ms) ?? ['s', 1_000]
  return Number.isNaN(ageMs) ? '-' : `${Math.floor(ageMs / unitMs)} ${unit}`
}
