import type { Bus, Clock, Links, Random } from '@covey/transport'
import { standIn } from '../harness/stand-in.js'

/** How a bus treats what is published on it: probabilities from 0 to 1, changed at will. */
export interface Unkindness {
  lost: number
  doubled: number
  /** Comes later than what is published after it. */
  late: number
  lateMsMax: number
}

/** Links whose control bus loses, doubles, delays and reorders what its process publishes, answers as well. */
export function withUnkindBus(links: Links, clock: Clock, random: Random, unkindness: Unkindness): Links {
  const { control } = links
  const happens = (probability: number): boolean => probability > 0 && random.next() < probability
  const send: Bus['publish'] = (subject, bytes, reply) => {
    if (!happens(unkindness.late)) return control.publish(subject, bytes, reply)
    const sent = bytes.slice()
    clock.setTimeout(() => control.publish(subject, sent, reply), random.next() * unkindness.lateMsMax)
    return true
  }
  const unkind = standIn(control, {
    publish(subject, bytes, reply) {
      if (happens(unkindness.lost)) return true
      if (happens(unkindness.doubled)) send(subject, bytes, reply)
      return send(subject, bytes, reply)
    },
  })
  return standIn(links, { control: unkind })
}
