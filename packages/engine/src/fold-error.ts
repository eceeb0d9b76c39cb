/** A folded chart threw, so its event is poison: the host records it as such and the chart stays where it was (K38). */
export class FoldError extends Error {
  override readonly name = 'FoldError'
  /** Id of the chart. */
  readonly machine: string
  /** Type of the event it could not take. */
  readonly event: string

  /** @param cause what the chart threw */
  constructor(machine: string, event: string, cause: unknown) {
    super(
      `Chart ${machine} cannot take ${event}: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    )
    this.machine = machine
    this.event = event
  }
}
