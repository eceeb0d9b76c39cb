import type { Environment } from '@covey/actors'
import type { CoveyError } from '@covey/protocol'
import type { LinkNews, Stop } from '@covey/transport'

/**
 * Tells of what links report beside their state, and nobody else listens for: a callback of ours that threw, a
 * subject that the broker does not allow, a broker that refuses to take its process back, which is the same for both
 * links. Without it a bus that guards its callbacks would be a bus that hides them.
 */
export function noticeLinkNews({ links, notice }: Pick<Environment, 'links' | 'notice'>): Stop {
  /** Each server may have a reason of its own. */
  const refusedFor = new Set<string>()
  const hearRefusal = ({ message, address, mend }: CoveyError): void => {
    if (refusedFor.has(message)) return
    refusedFor.add(message)
    notice({ kind: 'broker.refused', address, reason: message, mend })
  }
  const hear = (news: LinkNews): void => {
    if (news.kind === 'denied') notice({ kind: 'subject.denied', subject: news.subject })
    else if (news.kind === 'refused') hearRefusal(news.error)
    else if (news.kind === 'state' && news.state === 'up') refusedFor.clear()
    else if (news.kind === 'callbackFailed') {
      notice({ kind: 'defect', what: `a callback of ${news.subject} threw`, error: news.error })
    }
  }
  const stops = [links.control.onNews(hear), links.data.onNews(hear)]
  return () => {
    for (const stop of stops) stop()
  }
}
