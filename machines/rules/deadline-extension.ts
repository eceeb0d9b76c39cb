import { limits } from '@covey/protocol'

/** What one attempt has been given beyond its timeout. */
export interface GivenExtension {
  /** How often. */
  readonly count: number
  /** Milliseconds in all, and those of the last time. */
  readonly ms: number
  readonly lastMs: number
  /** How often its function had reported progress when it was given the last of it. */
  readonly progress: number
}

/** What an attempt asks for. */
export interface ExtensionAsk {
  /** From 1, the next one after those that it knows to be given. */
  readonly number: number
  /** How often its function has reported progress by now. */
  readonly progress: number
  /** Milliseconds; without it, as many as there are. */
  readonly wantedMs?: number
}

/** What is answered: so many milliseconds, again where they were given before, or why none. */
export type ExtensionVerdict =
  | { readonly kind: 'granted'; readonly ms: number }
  | { readonly kind: 'again'; readonly ms: number }
  | { readonly kind: 'refused'; readonly reason: string }

const refused = (reason: string): ExtensionVerdict => ({ kind: 'refused', reason })

/**
 * How much more time an attempt is given (H17): half of its timeout, then a quarter, and so on, so that all of it together
 * is less than the timeout once more; a bounded number of times, and from the second on only where its function has
 * reported progress since the last. An ask that was granted already is answered as it was.
 */
export function judgeExtension(
  timeoutMs: number,
  given: GivenExtension | null,
  { number, progress, wantedMs = Number.POSITIVE_INFINITY }: ExtensionAsk,
): ExtensionVerdict {
  const { count, ms, lastMs, progress: known } = given ?? { count: 0, ms: 0, lastMs: 0, progress: 0 }
  if (number <= count) return { kind: 'again', ms: lastMs }
  if (count >= limits.extensionsMax)
    return refused(`it was extended ${count} times, which is as often as it may be`)
  if (count > 0 && progress <= known) return refused('no progress was reported since it was last extended')
  const roomMs = limits.workflowTimeoutMsMax - timeoutMs - ms
  const shareMs = Math.floor(Math.min(timeoutMs / 2 ** (count + 1), roomMs, wantedMs))
  return shareMs >= 1 ? { kind: 'granted', ms: shareMs } : refused('there is no more time to be given')
}

/** What has been given after an ask; the same as before where it gave nothing. */
export function afterExtension(
  timeoutMs: number,
  given: GivenExtension | null,
  ask: ExtensionAsk,
): GivenExtension | null {
  const verdict = judgeExtension(timeoutMs, given, ask)
  if (verdict.kind !== 'granted') return given
  const { count, ms } = given ?? { count: 0, ms: 0 }
  return { count: count + 1, ms: ms + verdict.ms, lastMs: verdict.ms, progress: ask.progress }
}
