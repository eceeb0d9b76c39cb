import type { Frame, FrameReader } from '@covey/transport'
import type { Environment } from '../environment.js'

/** What came from outside, checked; `undefined` for a frame that is refused, which is noticed and dropped. */
export function readFrame<Body>(env: Environment, frame: Frame, reader: FrameReader<Body>): Body | undefined {
  try {
    return frame.read === undefined ? reader.decode(frame.data) : frame.read(reader)
  } catch (error) {
    env.notice({ kind: 'frame.refused', subject: frame.subject, error })
    return undefined
  }
}
