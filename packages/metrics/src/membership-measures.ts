import { counter, gauge, histogram, type Measure, sample, samplesBy } from './measure.js'
import type { MembershipCounts } from './node-reading.js'

type Count = {
  [Name in keyof MembershipCounts]: MembershipCounts[Name] extends number ? Name : never
}[keyof MembershipCounts]

const counted = (name: string, help: string, count: Count): Measure =>
  counter(name, help, ({ membership }) => [sample(membership[count])])

/** What a node tells of how it watches the others, and they it. */
export const membershipMeasures: readonly Measure[] = [
  gauge(
    'covey_local_health',
    'How little the node trusts itself: 0 is well, from 4 on it has no vote.',
    (reading) => [sample(reading.localHealth)],
  ),
  counted('covey_suspicions_total', 'How often a member became suspect, as this node sees it.', 'suspicions'),
  counted(
    'covey_suspicions_ended_total',
    'How often a suspect member turned out to live, as this node sees it.',
    'suspicionsEnded',
  ),
  counted(
    'covey_refutations_total',
    'How often this node has contradicted a suspicion of itself.',
    'refutations',
  ),
  counted('covey_votes_total', 'Statements of this node of whom it suspects.', 'votes'),
  counter(
    'covey_departures_total',
    'Generations that have ended, as this node has heard.',
    ({ membership }) => samplesBy('how', membership.departures),
  ),
  histogram('covey_probe_seconds', 'From a question to a member to its answer.', ({ membership }) => [
    { buckets: membership.probeMs, labels: {}, divisor: 1_000 },
  ]),
  counted(
    'covey_probes_unanswered_total',
    'Questions to members that nobody answered in time.',
    'probesUnanswered',
  ),
  counted('covey_membership_sent_bytes_total', 'Bytes of membership that this node has said.', 'sentBytes'),
  counted(
    'covey_membership_received_bytes_total',
    'Bytes of membership that this node has heard.',
    'receivedBytes',
  ),
  counted('covey_session_dials_total', 'Dials of sessions with other nodes.', 'dials'),
  counted(
    'covey_session_backoffs_total',
    'Dials without an answer, after which the node waits longer.',
    'backoffs',
  ),
]
