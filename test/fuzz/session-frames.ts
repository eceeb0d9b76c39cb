import {
  channelAnswer,
  channelMessage,
  helloMessage,
  packValue,
  refusalMessage,
  welcomeMessage,
} from '@covey/protocol'
import { hostFrames } from './host-frames.js'

const hello = { from: 'ghost', generation: 1, session: 's', version: '0.1.0', capabilities: [] }

/** One valid frame of each kind that two say to each other for whom the broker is not: peers in a session, a node and its hosts. */
export const sessionFrames: readonly (readonly [string, Uint8Array])[] = [
  ['session.hello', helloMessage.encode({ ...hello, configuration: 'd' })],
  ['session.welcome', welcomeMessage.encode({ generation: 1, session: 's' })],
  [
    'session.refused',
    refusalMessage.encode({
      reason: 'incompatible',
      detail: 'timings differ',
      settings: { renewalIntervalMs: 1_000 },
    }),
  ],
  [
    'channel.message',
    channelMessage.encode({
      from: 'ghost',
      generation: 1,
      session: 's',
      number: 1,
      payload: packValue('hi'),
    }),
  ],
  ['channel.answer', channelAnswer.encode({ isSessionUnknown: true })],
  ...hostFrames,
]
