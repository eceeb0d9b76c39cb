/** What came is not the row that belongs there. */
export class Misfit extends Error {
  /** Where, from the body on. */
  readonly path: PropertyKey[]

  constructor(message: string, ...path: PropertyKey[]) {
    super(message)
    this.path = path
  }

  /** What was thrown below this key, which a misfit takes into its path. */
  static within(key: PropertyKey, cause: unknown): unknown {
    if (cause instanceof Misfit) cause.path.unshift(key)
    return cause
  }
}
