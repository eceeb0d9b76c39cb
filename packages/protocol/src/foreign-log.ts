import { CoveyError } from './errors.js'
import { foldVersion } from './timings.js'

/** Another version of the fold may be followed, never led after (K38). `address` is the log's stream. */
export const foreignLog = (shard: number, theirs: number, address: string): CoveyError =>
  new CoveyError(
    'log_foreign',
    `shard ${shard} was led by fold ${theirs}, and this version of Covey has fold ${foldVersion}`,
    {
      address,
      mend: 'let managers of that version end its jobs; then begin with an empty store (covey up --data DIR), or under another cluster name (--cluster NAME)',
    },
  )
