import { writeFileSync } from 'node:fs'
import { CoveyError, limits } from '@covey/protocol'
import { parseTrace, type Trace, traceText } from '@covey/simulator/trace'
import { readTextFile } from '../regular-file.js'
import { parseStrictJson } from '../strict-json.js'

/** Reads a trace. Throws `invalid_options` that names the place in it. */
export function readTrace(path: string): Trace {
  try {
    return parseTrace(parseStrictJson(readTextFile(path, limits.commandFileBytesMax)))
  } catch (cause) {
    throw new CoveyError('invalid_options', `${path}: ${(cause as Error).message}`, {
      address: '--replay',
      mend: 'name a file that covey sim --trace FILE has written',
      cause,
    })
  }
}

/** Writes a trace. Throws `folder_unusable` where that cannot be. */
export function writeTrace(path: string, trace: Trace): void {
  try {
    writeFileSync(path, traceText(trace))
  } catch (cause) {
    throw new CoveyError('folder_unusable', `${path} cannot be written: ${(cause as Error).message}`, {
      address: '--trace',
      mend: 'name a file in a folder that this user may write to',
      cause,
    })
  }
}
