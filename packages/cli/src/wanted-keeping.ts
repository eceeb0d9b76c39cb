import { CoveyError } from '@covey/protocol'
import type { KeepingOptions } from 'covey'
import type { Terminal } from './terminal.js'

function wholeNumber({ environment }: Terminal, name: string): number | undefined {
  // A variable that is empty is as good as none.
  const text = environment[name] || undefined
  if (text === undefined) return undefined
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw new CoveyError(
    'invalid_options',
    `${name}: ${JSON.stringify(text.slice(0, 64))} is not a whole number`,
    {
      address: name,
      mend: 'write it in digits only, or leave it out',
    },
  )
}

/** What managers are to keep, by the variables `COVEY_KEEP_…` and `COVEY_SNAPSHOT_EVENTS`. Throws `invalid_options`. */
export function wantedKeeping(terminal: Terminal): KeepingOptions {
  const workflows = wholeNumber(terminal, 'COVEY_KEEP_WORKFLOWS')
  const bytes = wholeNumber(terminal, 'COVEY_KEEP_BYTES')
  const ms = wholeNumber(terminal, 'COVEY_KEEP_MS')
  const ids = wholeNumber(terminal, 'COVEY_KEEP_IDS')
  const snapshotEvents = wholeNumber(terminal, 'COVEY_SNAPSHOT_EVENTS')
  return {
    retention: {
      ...(workflows === undefined ? {} : { workflows }),
      ...(bytes === undefined ? {} : { bytes }),
      ...(ms === undefined ? {} : { ms }),
      ...(ids === undefined ? {} : { ids }),
    },
    ...(snapshotEvents === undefined ? {} : { snapshotEvents }),
  }
}
