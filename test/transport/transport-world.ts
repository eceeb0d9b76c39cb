import type { Links } from '@covey/transport'

/**
 * One broker with an empty store for one cluster: what a contract suite runs over. Real brokers run in real time; a
 * world of virtual time must drive its clock by itself, so that a test can simply await what it started.
 */
export interface TransportWorld {
  readonly cluster: string
  /** Links of one process, up when this resolves. */
  open(name: string): Promise<Links>
  /** Ends the broker: every link goes down. Its stores survive. */
  stopBroker(): Promise<void>
  /** Starts the broker again; the links redial by themselves, each in its own time. */
  startBroker(): Promise<void>
  /** Closes every link that is still open, and the broker. */
  close(): Promise<void>
}

/** Makes a fresh world for one test. */
export type MakeWorld = () => Promise<TransportWorld>

/** Polls until the condition holds; fails after `deadlineMs` of real time with what was waited for. */
export async function eventually(what: string, condition: () => boolean, deadlineMs = 20_000): Promise<void> {
  const giveUpAtMs = performance.now() + deadlineMs
  while (!condition()) {
    if (performance.now() > giveUpAtMs) throw new Error(`In vain waited until ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}

/** The error that a promise rejects with; fails when it resolves. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  const resolved = Symbol('resolved')
  const result = await promise.then(
    () => resolved,
    (error: unknown) => error,
  )
  if (result === resolved) throw new Error('The promise was expected to reject')
  return result
}

/** Text as bytes, for payloads. */
export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

/** Bytes as text. */
export const text = (data: Uint8Array): string => new TextDecoder().decode(data)
