import type { Member, MemberNews } from '@covey/actors'

/** What is kept of the news so far. */
interface Heard {
  readonly spokenOf: Map<string, number>
  readonly ended: Set<string>
}

function faultsOfChange({ spokenOf, ended }: Heard, { nodeId, generation, state }: Member): string[] {
  const key = `${nodeId}.${generation}`
  const last = spokenOf.get(nodeId) ?? generation
  spokenOf.set(nodeId, generation)
  if (generation < last) return [`${nodeId} went back from ${last} to ${generation}`]
  if (generation > last && !ended.has(`${nodeId}.${last}`)) return [`${key} came before the end of ${last}`]
  // A node that comes back itself says so before it has its next generation.
  return ended.has(key) && state !== 'departed' && state !== 'reentering'
    ? [`${key} is ${state} after its end`]
    : []
}

/**
 * What is wrong with a row of news about members: a generation that ended twice, went back, or was spoken of after its
 * end or before the end of an older one (P8, invariants 13 to 15).
 */
export function newsFaults(news: readonly MemberNews[]): string[] {
  const heard: Heard = { spokenOf: new Map(), ended: new Set() }
  return news.flatMap((item) => {
    if (item.kind === 'changed') return faultsOfChange(heard, item.member)
    const key = `${item.ending.nodeId}.${item.ending.generation}`
    const isTwice = heard.ended.has(key)
    heard.ended.add(key)
    return isTwice ? [`${key} ended twice`] : []
  })
}
