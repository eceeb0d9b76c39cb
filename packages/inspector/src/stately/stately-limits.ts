/** Every bound of a bridge to Stately's inspector: it draws hundreds of actors with pleasure, and thousands in vain. */
export const statelyLimits = {
  /** Inspectors that are connected at a time, and connections of any kind. */
  inspectorsMax: 8,
  connectionsMax: 64,
  /** Actors that are shown; of more, those that have ended make room first, and the rest is counted. */
  actorsMax: 5_000,
  /** Time between two looks at what is to be sent, and messages sent to one inspector at each. */
  sendIntervalMs: 50,
  messagesPerSendMax: 250,
  /** Contexts asked of nodes at each look, and without an answer; characters of one, and how long a node has for it. */
  contextsPerSendMax: 20,
  contextsAskedAtOnceMax: 64,
  contextTextMax: 8_192,
  contextDeadlineMs: 5_000,
  /** Messages that wait for one inspector; with more it is told the state of all actors in their place. */
  messagesQueuedMax: 10_000,
  /** Bytes that wait in its connection before it is sent no more for now. */
  socketBufferBytesMax: 1_024 * 1_024,
  /** Bytes of a message of an inspector: it has nothing to say. */
  heardBytesMax: 1_024,
  /** Time until a stream that failed is begun again. */
  streamRetryMs: 5_000,
} as const

/** The bounds of one bridge. */
export type StatelyLimits = { readonly [Name in keyof typeof statelyLimits]: number }
