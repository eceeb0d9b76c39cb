import type { Bus, Links } from '@covey/transport'

/** Something under way that a test lets arrive, arrive twice, or get lost. */
export interface HeldFrame {
  readonly label: string
  pass(): void
  lose(): void
}

/** Holds what two sides say to each other, and what the log answers, so that a test decides what comes when. */
export class Gate {
  held: HeldFrame[] = []
  #isOpen = true
  #free: string | undefined

  /** Holds what comes, but for frames of one label. */
  close(free?: string): void {
    this.#isOpen = false
    this.#free = free
  }

  /** Lets pass what is held of a label, and all of it that comes. */
  letPass(label: string): void {
    this.#free = label
    const passing = this.held.filter((frame) => frame.label === label)
    this.held = this.held.filter((frame) => frame.label !== label)
    for (const frame of passing) frame.pass()
  }

  /** Lets pass what is held and all that comes. */
  open(): void {
    this.#isOpen = true
    for (const frame of this.held.splice(0)) frame.pass()
  }

  /** Links whose frames to these subjects, by how they end, are held, and whose appends are answered when the gate says so. */
  wrap(links: Links, labels: Readonly<Record<string, string>>): Links {
    const { broker, control, data, pulse, facts, outbox, objects, presence } = links
    const gated: Bus = {
      get state() {
        return control.state
      },
      get stateSinceMs() {
        return control.stateSinceMs
      },
      publish: (subject, bytes, reply) => {
        const label = labels[subject.slice(subject.lastIndexOf('.') + 1)]
        if (label === undefined) return control.publish(subject, bytes, reply)
        const sent = bytes.slice()
        this.#hold({ label, pass: () => void control.publish(subject, sent, reply), lose: () => undefined })
        return true
      },
      subscribe: (subject, callback) => control.subscribe(subject, callback),
      request: (subject, bytes, deadlineMs) => control.request(subject, bytes, deadlineMs),
      inbox: () => control.inbox(),
      flush: () => control.flush(),
      onNews: (listener) => control.onNews(listener),
      drain: () => control.drain(),
    }
    const log: Links['log'] = (shard) => {
      const inner = links.log(shard)
      return {
        append: async (subject, bytes, after) => {
          const outcome = await inner.append(subject, bytes, after)
          return new Promise((resolve) => {
            this.#hold({
              label: 'acknowledgement',
              pass: () => resolve(outcome),
              lose: () => resolve({ kind: 'unknown', reason: 'lost' }),
            })
          })
        },
        read: (sequence) => inner.read(sequence),
        tail: () => inner.tail(),
        fill: () => inner.fill(),
        follow: (...about) => inner.follow(...about),
        trim: (sequence) => inner.trim(sequence),
      }
    }
    const more = { broker, data, pulse, facts, outbox, objects, presence }
    return { ...more, control: gated, log, close: () => links.close() }
  }

  #hold(frame: HeldFrame): void {
    if (this.#isOpen || frame.label === this.#free) frame.pass()
    else this.held.push(frame)
  }
}
