import type { Environment } from '@covey/actors'
import type { LinkNews, Stop } from '@covey/transport'

/**
 * Tells of what links report beside their state, and nobody else listens for: a callback of ours that threw, and a
 * subject that the broker does not allow. Without it a bus that guards its callbacks would be a bus that hides them.
 */
export function noticeLinkNews({ links, notice }: Pick<Environment, 'links' | 'notice'>): Stop {
  const hear = (news: LinkNews): void => {
    if (news.kind === 'denied') notice({ kind: 'subject.denied', subject: news.subject })
    else if (news.kind === 'callbackFailed') {
      notice({ kind: 'defect', what: `a callback of ${news.subject} threw`, error: news.error })
    }
  }
  const stops = [links.control.onNews(hear), links.data.onNews(hear)]
  return () => {
    for (const stop of stops) stop()
  }
}
