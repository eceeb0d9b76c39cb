import type { MessageCodec } from '@covey/protocol'
import * as protocol from '@covey/protocol'

/** A message whose kind and body nobody knows yet. */
export type AnyMessage = MessageCodec<string, unknown>

const isMessage = (value: unknown): value is AnyMessage =>
  typeof value === 'object' && value !== null && 'encode' in value && 'decode' in value && 'kind' in value

/** Every message of the protocol. */
export const allMessages = Object.values(protocol as Record<string, unknown>).filter(isMessage)
