import { isId } from '@covey/protocol'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { hasOptions, type KnownOptions } from '../known-options.js'
import { refuseDefinition, refuseSchema, refuseUnknownFields } from '../workflow/refuse-definition.js'

declare const types: unique symbol

/** What a channel is, as its author writes it. */
export interface ChannelOptions<Given, Message> {
  /** 1 to 64 of `A-Z a-z 0-9 _ -`; not one of Covey's own. */
  readonly name: string
  /** Checks, and may transform, each message before its handler is given it. Without it messages are taken as they come. */
  readonly message?: StandardSchemaV1<Given, Message>
}

/** A channel to which `Given` is sent and whose handler is given `Message`: made by {@link defineChannel}. */
export interface Channel<Given, Message> {
  readonly name: string
  readonly message: StandardSchemaV1 | undefined
  /** Exists for the compiler only. */
  readonly [types]?: (given: Given) => Message
}

const knownOptions: KnownOptions<ChannelOptions<never, never>> = { name: true, message: true }

/** Defines a channel once for those who write to it and those who read it. Throws `invalid_definition` naming the field. */
export function defineChannel<Message = unknown, Given = Message>(
  options: ChannelOptions<Given, Message>,
): Channel<Given, Message> {
  if (!hasOptions(options)) refuseDefinition('options', 'is no object', "write it as { name: 'news' }")
  refuseUnknownFields('', options, knownOptions)
  const { name, message } = options
  if (typeof name !== 'string' || !isId(name)) {
    const mend = 'use 1 to 64 of the characters A-Z a-z 0-9 _ -'
    refuseDefinition('name', `${JSON.stringify(name)} is not a name`, mend)
  }
  refuseSchema('message', message)
  return { name, message }
}
