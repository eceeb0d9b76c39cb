import type { Bus, Clock, Links, Random } from '@covey/transport'

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
  const { broker, control, data, pulse, facts, outbox, objects, presence } = links
  const happens = (probability: number): boolean => probability > 0 && random.next() < probability
  const send: Bus['publish'] = (subject, bytes, reply) => {
    if (!happens(unkindness.late)) return control.publish(subject, bytes, reply)
    const sent = bytes.slice()
    clock.setTimeout(() => control.publish(subject, sent, reply), random.next() * unkindness.lateMsMax)
    return true
  }
  const unkind: Bus = {
    get state() {
      return control.state
    },
    get stateSinceMs() {
      return control.stateSinceMs
    },
    publish(subject, bytes, reply) {
      if (happens(unkindness.lost)) return true
      if (happens(unkindness.doubled)) send(subject, bytes, reply)
      return send(subject, bytes, reply)
    },
    subscribe: (subject, callback) => control.subscribe(subject, callback),
    request: (subject, bytes, deadlineMs) => control.request(subject, bytes, deadlineMs),
    inbox: () => control.inbox(),
    flush: () => control.flush(),
    onNews: (listener) => control.onNews(listener),
    drain: () => control.drain(),
  }
  const log: Links['log'] = (shard) => links.log(shard)
  return {
    broker,
    control: unkind,
    data,
    pulse,
    facts,
    outbox,
    objects,
    presence,
    log,
    close: () => links.close(),
  }
}
