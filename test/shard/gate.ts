import type { Links } from '@covey/transport'
import { standIn } from '../harness/stand-in.js'

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
    const { control } = links
    const gated = standIn(control, {
      publish: (subject, bytes, reply) => {
        const label = labels[subject.slice(subject.lastIndexOf('.') + 1)]
        if (label === undefined) return control.publish(subject, bytes, reply)
        const sent = bytes.slice()
        this.#hold({ label, pass: () => void control.publish(subject, sent, reply), lose: () => undefined })
        return true
      },
    })
    const log: Links['log'] = (shard) => {
      const inner = links.log(shard)
      return standIn(inner, {
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
      })
    }
    return standIn(links, { control: gated, log })
  }

  #hold(frame: HeldFrame): void {
    if (this.#isOpen || frame.label === this.#free) frame.pass()
    else this.held.push(frame)
  }
}
