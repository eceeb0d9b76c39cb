import type { Frame, FrameReader, Payload } from '@covey/transport'
import type { Environment } from '../environment.js'

/** What came from outside, checked; `undefined` for a frame that is refused, which is noticed and dropped. */
export const readFrame = <Body>(
  env: Environment,
  frame: Frame,
  reader: FrameReader<Body>,
): Body | undefined => readPayload(env, frame.subject, frame, reader)

/** The same of the answer to what was asked on a subject. */
export function readPayload<Body>(
  env: Environment,
  subject: string,
  payload: Payload,
  reader: FrameReader<Body>,
): Body | undefined {
  try {
    return payload.read === undefined ? reader.decode(payload.data) : payload.read(reader)
  } catch (error) {
    env.notice({ kind: 'frame.refused', subject, error })
    return undefined
  }
}
