import type { Environment } from '../environment.js'

interface Reader<Body> {
  decode(bytes: Uint8Array): Body
}

/** What came from outside, checked; `undefined` for a frame that is refused, which is noticed and dropped. */
export function readFrame<Body>(
  env: Environment,
  frame: { readonly subject: string; readonly data: Uint8Array },
  reader: Reader<Body>,
): Body | undefined {
  try {
    return reader.decode(frame.data)
  } catch (error) {
    env.notice({ kind: 'frame.refused', subject: frame.subject, error })
    return undefined
  }
}
