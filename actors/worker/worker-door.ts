import type { WorkerEvent } from '@covey/machines'
import { askMessage, CoveyError, cancelMessage, runMessage, type StreamPlace } from '@covey/protocol'
import type { BusMessage, Stop } from '@covey/transport'
import type { Environment, Self } from '../environment.js'
import type { SeenPlace } from '../seen-place.js'

type WithoutClock<Event> = Event extends unknown ? Omit<Event, 'now'> : never
/** An event of a worker before the clock was read for it. */
export type WorkerNews = WithoutClock<WorkerEvent>

interface Order extends StreamPlace {
  readonly shard: number
}

/**
 * Subscribes what leaders say to this generation of the worker, and checks it at the door: a frame that is not of its
 * kind, or of a shard that does not exist, is told of and dropped. What one says of the log is noted, whoever leads by now (K11).
 */
export function openDoor(
  env: Environment,
  self: Self,
  seen: readonly SeenPlace[],
  tell: (news: WorkerNews) => void,
): Stop {
  const hear = <Command extends Order>(
    operation: 'run' | 'cancel' | 'ask',
    decode: (data: Uint8Array) => Command,
    newsOf: (command: Command) => WorkerNews,
  ): Stop => {
    const subject = env.subjects.node(self.nodeId, self.generation, operation)
    const checked = ({ data }: BusMessage): Command | undefined => {
      try {
        const command = decode(data)
        const place = seen[command.shard]
        if (place === undefined) {
          const what = `shard ${command.shard} of ${seen.length}`
          throw new CoveyError('invalid_message', what, { address: subject })
        }
        place.note(command)
        return command
      } catch (error) {
        env.notice({ kind: 'frame.refused', subject, error })
        return undefined
      }
    }
    return env.links.control.subscribe(subject, (message) => {
      const command = checked(message)
      if (command !== undefined) tell(newsOf(command))
    })
  }
  const stops = [
    hear('run', runMessage.decode, (command) => ({ type: 'run.received', command })),
    hear('cancel', cancelMessage.decode, (command) => ({ type: 'cancel.received', command })),
    hear('ask', askMessage.decode, (command) => ({ type: 'ask.received', command })),
  ]
  return () => {
    for (const stop of stops) stop()
  }
}
