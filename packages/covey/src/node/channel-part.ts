import type { Environment, NodePart, Self } from '@covey/actors'
import type { ChannelName } from '@covey/protocol'
import type { BusMessage, Stop } from '@covey/transport'

/** What is asked on one channel of a node, in each of its generations. */
export interface ChannelListener {
  /** A generation can be asked from now on. */
  open?(self: Self): void
  take(self: Self, message: BusMessage): void
  /** It cannot be asked any more. */
  close?(): void
}

/**
 * A part of a node that only tells who asks on one of its channels. To be seen is not to act: it tells from the first
 * moment, has nothing to drain, and a fenced node can still be seen.
 */
export function createChannelPart(
  env: Environment,
  channel: ChannelName,
  listener: ChannelListener,
): NodePart {
  let stopListening: Stop | undefined
  const close = (): void => {
    stopListening?.()
    stopListening = undefined
    listener.close?.()
  }
  return {
    open(self) {
      close()
      listener.open?.(self)
      const subject = env.subjects.channel(self.nodeId, self.generation, channel)
      stopListening = env.links.data.subscribe(subject, (message) => listener.take(self, message))
    },
    activate: () => undefined,
    drain: async () => ({ clean: true }),
    fence: () => undefined,
    close,
  }
}
