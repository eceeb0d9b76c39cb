import type { Msg } from 'nats'
import type { BusMessage } from '../bus.js'

const noRespondersCode = 503

/** The broker's own answer where nobody listens to what was asked. */
export const saysNobodyListens = (message: Msg): boolean =>
  message.data.length === 0 && message.headers?.code === noRespondersCode

/** A message of the client, as the port has it. */
export const toBusMessage = (message: Msg): BusMessage => {
  const { subject, data, reply } = message
  return reply ? { subject, data, reply } : { subject, data }
}
