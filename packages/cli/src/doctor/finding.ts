import { CoveyError } from '@covey/protocol'

/** What one look has found. */
export interface Finding {
  readonly check: string
  readonly state: 'ok' | 'failed' | 'skipped'
  readonly detail: string
  readonly mend?: string
}

/** All is well. */
export const ok = (check: string, detail: string): Finding => ({ check, state: 'ok', detail })

/** Something has to be mended. */
export const failed = (check: string, detail: string, mend?: string): Finding => ({
  ...{ check, state: 'failed', detail },
  ...(mend === undefined ? {} : { mend }),
})

/** There is nothing to look at. */
export const skipped = (check: string, detail: string): Finding => ({ check, state: 'skipped', detail })

/** A look that threw has found that. */
export function findingOf(check: string, error: unknown): Finding {
  if (error instanceof CoveyError) return failed(check, `${error.code}: ${error.message}`, error.mend)
  return failed(check, error instanceof Error ? error.message : String(error))
}
