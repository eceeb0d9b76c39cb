import type { Notice } from '@covey/actors'
import { parseSubject } from '@covey/protocol'

/** What a frame claims to be by its subject. Few words, whatever comes in: an answer has a subject of nobody's choosing. */
function kindOfFrame(cluster: string, subject: string): string {
  const parsed = parseSubject(cluster, subject)
  if (parsed === undefined) return 'other'
  if (parsed.kind === 'node') return parsed.operation
  return parsed.kind === 'news' ? parsed.news : parsed.kind
}

const countUp = <Key>(counts: Map<Key, number>, key: Key): void => {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}

/** How often each kind of notice was given: what is refused and dropped is counted. */
export class NoticeCounts {
  readonly #cluster: string
  readonly #counts = new Map<Notice['kind'], number>()
  readonly #refusedFrames = new Map<string, number>()

  constructor(cluster: string) {
    this.#cluster = cluster
  }

  /** Counts what passes on its way to `notice`. */
  before(notice: (notice: Notice) => void): (notice: Notice) => void {
    return (told) => {
      countUp(this.#counts, told.kind)
      if (told.kind === 'frame.refused')
        countUp(this.#refusedFrames, kindOfFrame(this.#cluster, told.subject))
      notice(told)
    }
  }

  /** The counts by kind; one that has not come is missing. */
  all(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts)
  }

  /** Refused frames by what they claimed to be; a kind of which none was refused is missing. */
  refusedFrames(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#refusedFrames)
  }
}
