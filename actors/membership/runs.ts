import type { ExitedMessage } from '@covey/protocol'
import type { Environment } from '../environment.js'
import { readFact } from './fact-watch.js'

/** The newest generation of one run of a process. */
export interface Run {
  readonly generation: number
  readonly hasEnded: boolean
}

/**
 * Looks the run of a boot id up in the facts of its name: it need not be the newest, nor be known here yet. `undefined`
 * where there is none. Rejects where the store does not answer.
 */
export async function findRun(
  env: Environment,
  { node, pid, bootId }: ExitedMessage,
): Promise<Run | undefined> {
  const facts = await env.links.facts.list(env.subjects.factsOf(node))
  const ended = new Set<number>()
  let newest = 0
  for (const fact of facts) {
    const news = readFact(env, fact)
    if (news?.kind === 'departed') ended.add(news.generation)
    else if (news?.kind === 'joined' && news.body.bootId === bootId && news.body.pid === pid) {
      newest = Math.max(newest, news.generation)
    }
  }
  return newest === 0 ? undefined : { generation: newest, hasEnded: ended.has(newest) }
}
