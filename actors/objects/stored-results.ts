import { CoveyError, limits, type StoredResult, type Subjects } from '@covey/protocol'
import { type ObjectGround, readObject } from './object-parts.js'

/** Where results of a shard are. */
export interface ResultGround extends ObjectGround {
  readonly subjects: Subjects
}

/**
 * Reads a result that the log names, and holds it to its name (K36). Rejects `result_lost` where a part is not there or its
 * bytes are others, and with the reason of the signal.
 */
export async function readResult(
  ground: ResultGround,
  shard: number,
  workflow: string,
  named: StoredResult,
): Promise<Uint8Array> {
  const subjectOf = (part: number): string => ground.subjects.resultPart(shard, workflow, named.token, part)
  const bytes = await readObject(ground, subjectOf, named, limits.resultDoubtMsMax)
  ground.signal.throwIfAborted()
  if (bytes !== undefined) return bytes
  throw new CoveyError(
    'result_lost',
    `the result of ${workflow} has ${named.bytes} bytes, which the object store does not have whole`,
    { address: workflow, mend: 'run it again under another id; covey doctor looks at the store' },
  )
}
