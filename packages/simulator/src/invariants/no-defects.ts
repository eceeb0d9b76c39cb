import type { DefineInvariant } from './invariant.js'

/** Nothing happened of which the code itself says that it must not. */
export const noDefects: DefineInvariant = ({ changed }) => {
  const seen = new Map<string, number>()
  return {
    name: 'no-defects',
    look: () =>
      changed().flatMap(({ address, notices }) => {
        const count = seen.get(address) ?? 0
        if (count === notices.length) return []
        seen.set(address, notices.length)
        return notices
          .slice(count)
          .flatMap((notice) =>
            notice.kind === 'defect' ? [`${address}: ${notice.what}: ${String(notice.error ?? '')}`] : [],
          )
      }),
  }
}
