import { type Channels, createChannels, type Environment, type Sessions } from '@covey/actors'
import { CoveyError, packGiven, UnfitValue, unpackValue } from '@covey/protocol'
import type { DeadlineOptions } from '../client/client-contract.js'
import { knownDeadline } from '../client/time-left.js'
import { refuseUnknownOptions } from '../known-options.js'
import type { RunningNode } from '../node/running-node.js'
import { checkedValue } from '../workflow/checked-value.js'
import type { Channel } from './define-channel.js'

/** A message as the handler of a channel is given it. */
export interface ReceivedMessage<Message> {
  /** The node that it came from, and the run of it. */
  readonly from: string
  readonly generation: number
  readonly message: Message
}

/** Throws `invalid_options` for what names none: types say so to who compiles, this says it to everybody else. */
function asChannel<Given, Message>(channel: string | Channel<Given, Message>): Channel<Given, Message> {
  if (typeof channel === 'string') return { name: channel, message: undefined }
  if (typeof channel === 'object' && typeof channel?.name === 'string') return channel
  throw new CoveyError('invalid_options', `channel: ${typeof channel} is no channel`, {
    ...{ address: 'channel', mend: 'give the name of one, or what defineChannel has made' },
  })
}

/** The channels of a node as its users have them, and the part of the node that carries them. */
export interface NodeChannels extends Pick<RunningNode, 'channel' | 'send'> {
  readonly part: Channels
}

/** Makes the channels of a node; `sessions` are those of its present run. */
export function createNodeChannels(env: Environment, sessions: () => Sessions): NodeChannels {
  const part = createChannels(env, sessions)
  return {
    part,
    channel<Message>(
      channel: string | Channel<never, Message>,
      handler: (received: ReceivedMessage<Message>) => unknown,
    ) {
      const { name, message: schema } = asChannel(channel)
      if (typeof handler !== 'function') {
        throw new CoveyError('invalid_options', `the handler of channel ${name} is no function`, {
          address: name,
        })
      }
      return part.read(name, async ({ from, generation, payload }) => {
        const message = await checkedValue(schema, unpackValue(payload), (what) => misfit(name, what))
        // The definition's own schema has just made the value what its handler takes.
        await handler({ from, generation, message: message as Message })
      })
    },
    async send<Given>(
      to: string,
      channel: string | Channel<Given, unknown>,
      message: Given,
      options: DeadlineOptions = {},
    ) {
      refuseUnknownOptions('send', options, knownDeadline)
      const { name, message: schema } = asChannel(channel)
      // Checked before it goes out, and sent as it was given: over there the schema makes of it what it makes of it here. A
      // message without a schema is sent in this very turn, so that one call after another is one message after another.
      if (schema !== undefined) await checkedValue(schema, message, (what) => misfit(name, what))
      await part.send(to, name, packed(name, message), options.deadlineMs)
    },
  }
}

function packed(name: string, message: unknown): Uint8Array {
  try {
    return packGiven(message)
  } catch (cause) {
    const what = cause instanceof Error ? cause.message : 'it cannot be packed'
    throw misfit(name, what, cause instanceof UnfitValue ? cause.mend : undefined)
  }
}

const misfit = (name: string, what: string, mend?: string): CoveyError =>
  new CoveyError('invalid_input', `the message for channel ${name} does not fit: ${what}`, {
    ...{ address: name, ...(mend !== undefined && { mend }) },
  })
