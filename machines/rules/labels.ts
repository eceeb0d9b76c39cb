/** Whether a worker with some labels has all that are required. Labels are compared as they are written. */
export const hasLabels = (offered: ReadonlySet<string>, required: readonly string[] = []): boolean =>
  required.every((label) => offered.has(label))

/** The required labels that a worker has not. */
export const missingLabels = (offered: ReadonlySet<string>, required: readonly string[] = []): string[] =>
  required.filter((label) => !offered.has(label))
