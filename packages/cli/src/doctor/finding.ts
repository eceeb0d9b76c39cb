import { CoveyError } from '@covey/protocol'
import type { Clock } from '@covey/transport'

/** How bad it is: what is only to `warn` of works now, and may not for long. */
type FindingState = 'ok' | 'warn' | 'fail'

/** What one look has found. */
export interface Verdict {
  readonly state: FindingState
  /** What was found. */
  readonly detail: string
  /** The path, the address, the node or the stream that it is about. */
  readonly where?: string
  /** What to do. */
  readonly mend?: string
}

/** What one look has found, by the name of the look. */
export interface Finding extends Verdict {
  readonly check: string
}

/** One thing to look at on some ground. A look that throws has found what it throws. */
export interface Check<Ground> {
  readonly name: string
  /** Answers nothing where there is nothing to look at. */
  readonly look: (ground: Ground) => Verdict | undefined | Promise<Verdict | undefined>
}

/** All is well. */
export const ok = (detail: string, where?: string): Verdict => ({
  ...{ state: 'ok', detail },
  ...(where === undefined ? {} : { where }),
})

/** It works, and may not for long. */
export const warn = (detail: string, where: string, mend: string): Verdict => ({
  ...{ state: 'warn', detail, where, mend },
})

/** It does not work. */
export const fail = (detail: string, where: string, mend: string): Verdict => ({
  ...{ state: 'fail', detail, where, mend },
})

/** What it means that a look has thrown. */
export function verdictOf(error: unknown): Verdict {
  if (!(error instanceof CoveyError))
    return { state: 'fail', detail: error instanceof Error ? error.message : String(error) }
  const { code, message, address, mend } = error
  return {
    ...{ state: 'fail', detail: `${code}: ${message}` },
    ...(address === undefined ? {} : { where: address }),
    ...(mend === undefined ? {} : { mend }),
  }
}

/** Something that hangs is a finding too. */
const lookDeadlineMs = 10_000

async function within(clock: Clock, look: Promise<Verdict | undefined>): Promise<Verdict | undefined> {
  let timer: unknown
  const overdue = new Promise<Verdict>((resolve) => {
    const detail = `no answer within ${lookDeadlineMs / 1_000} s: it hangs`
    const mend =
      'something that it waits for never answers: a program, a file system of the network, an await in a module'
    timer = clock.setTimeout(() => resolve({ state: 'fail', detail, mend }), lookDeadlineMs)
  })
  try {
    return await Promise.race([look, overdue])
  } finally {
    clock.clearTimeout(timer)
  }
}

/** Looks at one thing after the other: what one of them costs is no finding of another. */
export async function runChecks<Ground>(
  checks: readonly Check<Ground>[],
  ground: Ground,
  clock: Clock,
): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const { name: check, look } of checks) {
    const looking = (async () => look(ground))().catch(verdictOf)
    const verdict = await within(clock, looking)
    if (verdict !== undefined) findings.push({ check, ...verdict })
  }
  return findings
}
