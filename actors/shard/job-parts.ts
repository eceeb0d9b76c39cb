/**
 * Parts of jobs that are proposed for the log and not folded yet: with what is folded they say how large a job becomes.
 * Bounded by the queue of the log, which refuses a part before it would be kept here.
 */
export class JobParts {
  readonly #proposed = new Map<string, Map<number, number>>()

  /** A part that is sent again counts once. */
  add(job: string, index: number, workflows: number): void {
    const parts = this.#proposed.get(job)
    if (parts === undefined) this.#proposed.set(job, new Map([[index, workflows]]))
    else parts.set(index, Math.max(workflows, parts.get(index) ?? 0))
  }

  folded(job: string, index: number): void {
    const parts = this.#proposed.get(job)
    parts?.delete(index)
    if (parts?.size === 0) this.#proposed.delete(job)
  }

  /** Workflows of a job in all proposed parts but this one. */
  besides(job: string, index: number): number {
    let sum = 0
    for (const [other, workflows] of this.#proposed.get(job) ?? []) if (other !== index) sum += workflows
    return sum
  }
}
