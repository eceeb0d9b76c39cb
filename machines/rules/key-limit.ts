/** How an attempt's key is limited. */
interface KeyPolicy {
  /** Attempts of one key at once; missing where they are not limited. */
  readonly keyLimit?: number
}

/**
 * The key that an attempt counts for: keys are of a workflow, so two definitions never contradict each other about one. All
 * attempts of a workflow that are given no key count for one key.
 */
export const attemptKey = (workflow: string, key: string | undefined): string =>
  // The name of a workflow holds no blank.
  key === undefined ? workflow : `${workflow} ${key}`

/**
 * Whether one more attempt of a key may be given to a worker, of which so many are held. Held is what a worker may be at
 * work on, fenced and cancelled ones too, until the log says that it is over.
 */
export const mayHoldOneMore = (held: number, { keyLimit }: KeyPolicy): boolean =>
  keyLimit === undefined || held < keyLimit
