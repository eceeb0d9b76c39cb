import { packValue, unpackValue } from '@covey/protocol'
import type { NatsConnection } from 'nats'

/** The frames of the bare loop: arrays of these, packed and trusted. */
export interface Submit {
  readonly id: string
  readonly input: { readonly n: number }
  readonly reply: string
}

export interface Run {
  readonly id: string
  readonly token: number
  readonly input: { readonly n: number }
}

export interface Done {
  readonly id: string
  readonly token: number
  readonly output: { readonly n: number }
}

export interface Credit {
  readonly worker: string
  readonly credits: number
}

/** Hears frames; the schema is trust. */
export function hear<Frame>(connection: NatsConnection, subject: string, take: (frame: Frame) => void): void {
  connection.subscribe(subject, {
    callback: (error, message) => {
      if (error === null) for (const frame of unpackValue(message.data) as Frame[]) take(frame)
    },
  })
}

/** Sends frames: all of one turn go in one message. */
export function coalesce<Frame>(connection: NatsConnection, subject: string): (frame: Frame) => void {
  let frames: Frame[] = []
  return (frame) => {
    if (frames.push(frame) > 1) return
    queueMicrotask(() => {
      connection.publish(subject, packValue(frames))
      frames = []
    })
  }
}
