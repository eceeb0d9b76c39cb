import { type Clock, delay } from '@covey/transport'

const lookIntervalMs = 50

/** What was promised, or a rejection that names it where it does not come in time. */
export function inTime<Result>(
  what: string,
  promise: Promise<Result>,
  { clock, deadlineMs }: { readonly clock: Clock; readonly deadlineMs: number },
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const timer = clock.setTimeout(
      () => reject(new Error(`${what}: not within ${deadlineMs} ms`)),
      deadlineMs,
    )
    promise.then(resolve, reject).finally(() => clock.clearTimeout(timer))
  })
}

/** Looks again and again until something is so. Rejects with its name where it does not come to be so in time. */
export async function untilSo(
  what: string,
  isSo: () => Promise<boolean>,
  { clock, deadlineMs }: { readonly clock: Clock; readonly deadlineMs: number },
): Promise<void> {
  const endAtMs = clock.now() + deadlineMs
  while (!(await isSo())) {
    if (clock.now() >= endAtMs) throw new Error(`${what}: not within ${deadlineMs} ms`)
    await delay(clock, lookIntervalMs)
  }
}
