/** One execution of user code, as the test saw it. */
export interface Execution {
  readonly workflow: string
  readonly token: string
  /** The process that runs it: a name may have had several. */
  readonly process: object
  readonly node: string
  readonly exclusive: boolean
  readonly startMs: number
  endMs: number | undefined
  /** Spans in which its process was stopped: nothing ran. */
  readonly pauses: { readonly fromMs: number; toMs: number }[]
}

interface Span {
  readonly fromMs: number
  readonly toMs: number
}

/** What a thawed process takes to hear that its lease is over: its overdue timers ring one after the other. */
const thawMs = 2

function spansOf({ startMs, endMs = Number.POSITIVE_INFINITY, pauses }: Execution): Span[] {
  const spans: Span[] = []
  let fromMs = startMs
  for (const pause of pauses) {
    spans.push({ fromMs, toMs: Math.min(pause.fromMs, endMs) })
    fromMs = pause.toMs
  }
  spans.push({ fromMs, toMs: endMs })
  return spans
}

const sharedMs = (one: readonly Span[], other: readonly Span[]): number =>
  one.reduce(
    (sum, a) =>
      other.reduce((most, b) => Math.max(most, Math.min(a.toMs, b.toMs) - Math.max(a.fromMs, b.fromMs)), sum),
    0,
  )

const placeOf = ({ workflow, node, token }: Execution): string => `${workflow} on ${node} (${token})`

/** Everything that ran in a world, and what of it must not have been. */
export class Executions {
  readonly all: Execution[] = []

  of(workflow: string): Execution[] {
    return this.all.filter((execution) => execution.workflow === workflow)
  }

  get running(): Execution[] {
    return this.all.filter(({ endMs }) => endMs === undefined)
  }

  /** A process was killed: nothing of it runs any more. */
  kill(process: object, atMs: number): void {
    for (const execution of this.running) if (execution.process === process) execution.endMs = atMs
  }

  freeze(process: object, atMs: number): void {
    for (const execution of this.running) {
      if (execution.process === process) {
        execution.pauses.push({ fromMs: atMs, toMs: Number.POSITIVE_INFINITY })
      }
    }
  }

  thaw(process: object, atMs: number): void {
    for (const { process: owner, pauses } of this.running) {
      const pause = owner === process ? pauses.at(-1) : undefined
      if (pause?.toMs === Number.POSITIVE_INFINITY) pause.toMs = atMs
    }
  }

  /** Executions of one exclusive workflow that ran at the same time (invariant 8). */
  overlaps(): string[] {
    const found: string[] = []
    for (const workflow of new Set(this.all.map((execution) => execution.workflow))) {
      const group = this.of(workflow).filter(({ exclusive }) => exclusive)
      group.forEach((one, index) => {
        for (const other of group.slice(index + 1)) {
          const ms = sharedMs(spansOf(one), spansOf(other))
          if (ms > thawMs) found.push(`${placeOf(one)} and ${placeOf(other)}: ${Math.round(ms)} ms`)
        }
      })
    }
    return found
  }

  /** Tokens under which something was started twice (invariant 1). */
  repeatedTokens(): string[] {
    const tokens = this.all.map(({ token }) => token)
    return tokens.filter((token, index) => tokens.indexOf(token) !== index)
  }

  /** The most that ran at once in one process (invariant 18). */
  mostAtOnce(): number {
    return this.all.reduce((most, { process, startMs }) => {
      const isThere = (other: Execution): boolean =>
        other.process === process && other.startMs <= startMs && (other.endMs ?? startMs + 1) > startMs
      return Math.max(most, this.all.filter(isThere).length)
    }, 0)
  }
}
