/** What steps may require, and some workers have. */
export const workerLabels = ['even', 'odd', 'third=yes'] as const
/** One of {@link workerLabels}. */
export type WorkerLabel = (typeof workerLabels)[number]

/** The labels that a worker has from its start to its end, whichever of its processes: they follow from its number. */
export function labelsOf(name: string): readonly WorkerLabel[] {
  const number = Number(name.replace(/\D+/, ''))
  return [number % 2 === 0 ? 'even' : 'odd', ...(number % 3 === 0 ? (['third=yes'] as const) : [])]
}

/** Whether a worker has all that are required. */
export const hasLabels = (name: string, required: readonly string[]): boolean => {
  const labels: readonly string[] = labelsOf(name)
  return required.every((label) => labels.includes(label))
}
