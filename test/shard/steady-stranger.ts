import { renewMessage, singleServerTimings } from '@covey/protocol'
import type { Clock, Links } from '@covey/transport'
import { standIn } from '../harness/stand-in.js'

/** A worker of an ended generation: leaders hear it, and owe it nothing. */
export const stranger = { worker: 'stranger', generation: 1 }

const renewal = renewMessage.encode({
  ...stranger,
  ...{ streamEpoch: 0, epoch: 0, opened: false, slots: 0, state: 'ready', credits: [], held: [], offers: [] },
})

/**
 * Links that bring a stranger's renewal to whoever subscribes to the commands of a shard, each second while it `speaks`:
 * workers of a script renew when they are told to, and for the time between a leader is to know that it is heard (K41).
 */
export function withSteadyStranger(links: Links, clock: Clock, who: { readonly speaks: boolean }): Links {
  const { control } = links
  const heard = standIn(control, {
    subscribe(subject, callback) {
      const stop = control.subscribe(subject, callback)
      if (!subject.endsWith('.command')) return stop
      let timer: unknown
      const again = (): void => {
        timer = clock.setTimeout(() => {
          again()
          if (who.speaks) callback({ subject, data: renewal })
        }, singleServerTimings.renewalIntervalMs)
      }
      again()
      return () => {
        clock.clearTimeout(timer)
        stop()
      }
    },
  })
  return standIn(links, { control: heard })
}
